//! The colour bar above a matrix: ends in words, a tick at zero, pointed ends where values are clamped.

use super::numbers;
use super::paint::{self, run};
use crate::figure::colormap::ColorMap;
use crate::window::theme::{Tokens, font};
use crate::window::widgets::colour_bar::{delta_strip, paint_map};
use egui::{Align2, Painter, Rect, Ui, pos2};

/// Height of the bar itself.
pub const BAR_HEIGHT: f32 = 8.0;

/// What a colour bar explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// A magnitude from `low` to `high`.
    Magnitude {
        /// Value of the first colour.
        low: f64,
        /// Value of the last colour.
        high: f64,
    },
    /// A difference from `-limit` to `limit`.
    Delta {
        /// The symmetric limit.
        limit: f64,
        /// Whether values beyond the limit are drawn as the limit.
        clamped: bool,
    },
    /// Every column runs from its own low to its own high.
    PerColumn,
    /// Differences, every column symmetric to its own limit.
    DeltaPerColumn,
}

/// Paints bar and words; takes [`BAR_HEIGHT`] plus one line of small text, starting at the top of `rect`.
pub fn colour_bar(ui: &Ui, tokens: &Tokens, rect: Rect, map: ColorMap, scale: Scale) {
    let painter = ui.painter();
    let bar = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + BAR_HEIGHT));
    let y = bar.bottom() + 3.0;
    let word = |x: f32, anchor, words: &str| {
        paint::text(painter, pos2(x, y), anchor, words, font::tick(), tokens.text_subdued);
    };
    match scale {
        Scale::Magnitude { low, high } => {
            paint_map(ui, bar, map);
            word(bar.left(), Align2::LEFT_TOP, &format!("{} low", trimmed(low)));
            word(bar.center().x, Align2::CENTER_TOP, &trimmed(low.midpoint(high)));
            word(bar.right(), Align2::RIGHT_TOP, &format!("high {}", trimmed(high)));
        }
        Scale::PerColumn => {
            paint_map(ui, bar, map);
            word(bar.left(), Align2::LEFT_TOP, "column low");
            word(bar.right(), Align2::RIGHT_TOP, "column high");
        }
        Scale::DeltaPerColumn => {
            delta_strip(ui, tokens, bar, true);
            let ends = [
                (bar.left(), Align2::LEFT_TOP, "B higher", tokens.mind_b_text),
                (bar.right(), Align2::RIGHT_TOP, "A higher", tokens.mind_a_text),
            ];
            let mut room = bar.width() - 24.0;
            for (x, anchor, words, color) in ends {
                room -= paint::text(painter, pos2(x, y), anchor, words, font::tick_strong(), color).width();
            }
            let forms = ["0, each column to its own limit", "0, by column", "0"];
            let fits = |words: &&str| paint::width(painter, words, font::tick()) <= room;
            word(bar.center().x, Align2::CENTER_TOP, forms.into_iter().find(fits).unwrap_or("0"));
        }
        Scale::Delta { limit, clamped } => {
            delta_strip(ui, tokens, bar, clamped);
            delta_words(painter, tokens, bar, y, limit);
        }
    }
}

fn delta_words(painter: &Painter, tokens: &Tokens, bar: Rect, y: f32, limit: f64) {
    let low = format!("{}{}", numbers::MINUS, numbers::fixed(limit, 2));
    let high = format!("+{}", numbers::fixed(limit, 2));
    let third = bar.width() * 0.5 - 8.0;
    paint::line(
        painter,
        pos2(bar.left(), y),
        Align2::LEFT_TOP,
        &[
            run("B higher", font::tick_strong(), tokens.mind_b_text),
            run(&low, font::tick(), tokens.text_subdued).after(4.0),
        ],
        third,
    );
    paint::text(painter, pos2(bar.center().x, y), Align2::CENTER_TOP, "0", font::tick(), tokens.text_subdued);
    paint::line(
        painter,
        pos2(bar.right(), y),
        Align2::RIGHT_TOP,
        &[
            run(&high, font::tick(), tokens.text_subdued),
            run("A higher", font::tick_strong(), tokens.mind_a_text).after(4.0),
        ],
        third,
    );
}

/// Limits without useless zeros: "0", "0.5", "1", else two decimals.
fn trimmed(v: f64) -> String {
    let text = numbers::fixed(v, 2);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_lose_useless_zeros_only() {
        assert_eq!(trimmed(0.0), "0");
        assert_eq!(trimmed(0.5), "0.5");
        assert_eq!(trimmed(1.0), "1");
        assert_eq!(trimmed(0.25), "0.25");
        assert_eq!(trimmed(10.0), "10");
    }
}
