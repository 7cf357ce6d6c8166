//! The validation field by epoch: one small VPM an epoch, the target at the end, and the scrubber.

use super::source::{self, Training, job_matters};
use crate::core::dimension::N_DIMENSIONS;
use crate::core::matrix::Matrix;
use crate::core::turn::Split;
use crate::field::order;
use crate::field::vpm::raster::draw_rgba;
use crate::field::vpm::{Layout, Limits, Reducer};
use crate::figure::colormap::ColorMap;
use crate::run::contents::RunContents;
use crate::window::canvas::filmstrip::{self, FilmstripLayout};
use crate::window::canvas::{numbers, paint};
use crate::window::theme::font;
use crate::window::view::ViewContext;
use crate::window::views::field::palette;
use crate::window::widgets::colour_bar::paint_map;
use crate::window::widgets::focus_ring;
use egui::{
    Align2, ColorImage, Context, Rect, Role, Sense, TextureHandle, TextureId, TextureOptions, Ui, WidgetInfo,
    pos2,
};
use std::sync::Arc;

/// Size of a frame's texture; the picture is scaled to whole pixels by nearest sampling.
const FRAME: (u32, u32) = (5 * 8, 144);

/// The frames of one mind.
#[derive(Default)]
pub struct Film {
    mind: &'static str,
    dark: bool,
    version: (u64, usize),
    frames: Vec<(usize, Option<TextureHandle>)>,
    target: Option<TextureHandle>,
    order: Arc<Vec<u32>>,
    rows: usize,
}

impl Film {
    /// Whether there is anything to show.
    pub fn has_frames(&self) -> bool {
        !self.frames.is_empty()
    }

    /// Draws textures for frames that are new.
    pub fn update(&mut self, ctx: &Context, context: &ViewContext<'_>, training: &Training) {
        let letter = training.letter();
        let of_letter = |frames: &[(String, Arc<Matrix>)]| -> Vec<Arc<Matrix>> {
            let fits = |m: &Matrix| m.rows() > 0 && m.cols() == N_DIMENSIONS;
            frames.iter().filter(|(name, m)| name == letter && fits(m)).map(|(_, m)| Arc::clone(m)).collect()
        };
        let mut validation =
            if job_matters(context) { of_letter(&context.job.live.validation) } else { Vec::new() };
        if validation.is_empty() {
            validation = source::run(context).map_or_else(Vec::new, |run| of_letter(&run.validation));
        }
        let rows = validation.first().map_or(0, |m| m.rows());
        let fresh = self.mind != letter
            || self.dark != context.tokens.dark
            || self.version != source::stamp(context)
            || self.rows != rows
            || validation.len() < self.frames.len();
        if fresh {
            *self = Self {
                mind: letter,
                dark: context.tokens.dark,
                version: source::stamp(context),
                rows,
                ..Self::default()
            };
            let target = source::run(context).and_then(|run| target(run, rows));
            self.order = Arc::new(row_order(target.as_ref(), rows));
            self.target = target.and_then(|m| self.texture(ctx, context, &m, "validation target"));
        }
        for (epoch, matrix) in validation.iter().enumerate() {
            let address = Arc::as_ptr(matrix) as usize;
            if self.frames.get(epoch).is_some_and(|f| f.0 == address) || matrix.rows() != rows {
                continue;
            }
            let texture = self.texture(ctx, context, matrix, &format!("validation {letter} {epoch}"));
            if epoch < self.frames.len() {
                self.frames[epoch] = (address, texture);
            } else {
                self.frames.push((address, texture));
            }
        }
    }

    fn texture(
        &self,
        ctx: &Context,
        context: &ViewContext<'_>,
        m: &Matrix,
        name: &str,
    ) -> Option<TextureHandle> {
        let columns = [(0..N_DIMENSIONS).collect::<Vec<usize>>()];
        let layout = Layout::new(FRAME.0, FRAME.1, &self.order, 0..self.rows, &columns, 0).ok()?;
        let limits = Limits::fixed(N_DIMENSIONS, 0.0, 1.0);
        let rgba = draw_rgba(m, &layout, &limits, Reducer::Mean, &palette(context.tokens, false)).ok()?;
        let image = ColorImage::from_rgba_unmultiplied([FRAME.0 as usize, FRAME.1 as usize], &rgba);
        Some(ctx.load_texture(name, image, TextureOptions::NEAREST))
    }

    /// Draws the strip; gives the epoch the user went to.
    pub fn ui(
        &self,
        ui: &Ui,
        context: &ViewContext<'_>,
        rect: Rect,
        training: &Training,
        shown: usize,
    ) -> Option<usize> {
        let t = context.tokens;
        let at = pos2(rect.left(), rect.top() + 21.0);
        let order =
            if self.target.is_some() { "rows in the order of the target" } else { "rows in time order" };
        let note = format!("{} by five scores, {order}", numbers::counted(self.rows, "turn", "turns"));
        super::block_head(ui.painter(), t, at, "Validation field by epoch", &note, rect.width() - 180.0);
        scale(ui, context, pos2(rect.right(), at.y));
        let strip =
            Rect::from_min_max(pos2(rect.left(), rect.top() + 40.0), pos2(rect.right(), rect.bottom() - 4.0));
        let epochs = training.epochs_planned.max(self.frames.len());
        let layout = filmstrip::layout(strip, epochs);
        let textures: Vec<Option<TextureId>> =
            self.frames.iter().map(|(_, f)| f.as_ref().map(TextureHandle::id)).collect();
        let shown = shown.min(self.frames.len().saturating_sub(1));
        let target = self.target.as_ref().map(TextureHandle::id);
        filmstrip::filmstrip(ui.painter(), t, &layout, &textures, target, shown);
        self.scrub(ui, &layout, strip, shown)
    }

    fn scrub(&self, ui: &Ui, layout: &FilmstripLayout, strip: Rect, shown: usize) -> Option<usize> {
        let area = Rect::from_min_max(strip.min, pos2(layout.track.right(), strip.bottom()));
        let response = ui.interact(area, ui.scope_id().with("filmstrip"), Sense::click_and_drag());
        let words =
            format!("validation field by epoch, showing epoch {} of {}", shown + 1, self.frames.len());
        response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, &words));
        focus_ring(ui, &response);
        let last = self.frames.len().saturating_sub(1);
        if response.clicked() || response.dragged() {
            response.request_focus();
            return response.interact_pointer_pos().and_then(|p| layout.frame_at(p.x)).map(|e| e.min(last));
        }
        if response.has_focus() {
            let filter = egui::EventFilter { horizontal_arrows: true, ..egui::EventFilter::default() };
            ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
            let presses = |key| ui.input(|i| i.num_presses(key)) as i64;
            let by = presses(egui::Key::ArrowRight) - presses(egui::Key::ArrowLeft);
            if by != 0 {
                return Some((shown as i64 + by).clamp(0, last as i64) as usize);
            }
        }
        None
    }
}

/// A small magnitude scale, words left and right of it.
fn scale(ui: &Ui, context: &ViewContext<'_>, right: egui::Pos2) {
    let t = context.tokens;
    let face = font::small();
    let high = paint::text(ui.painter(), right, Align2::RIGHT_CENTER, "high 1", face.clone(), t.text_subdued);
    let bar =
        Rect::from_min_max(pos2(high.left() - 96.0, right.y - 4.0), pos2(high.left() - 6.0, right.y + 4.0));
    paint_map(ui, bar, ColorMap::Batlow);
    let pos = pos2(bar.left() - 6.0, right.y);
    paint::text(ui.painter(), pos, Align2::RIGHT_CENTER, "0 low", face, t.text_subdued);
}

/// What the supervising judge said on the validation turns; `None` unless there are exactly `rows` of them.
fn target(run: &RunContents, rows: usize) -> Option<Matrix> {
    let validation: Vec<usize> =
        (0..run.splits.len()).filter(|&r| run.splits[r] == Split::Validation).collect();
    if validation.len() != rows || rows == 0 {
        return None;
    }
    source::targets(run).map(|m| m.select_rows(&validation))
}

/// Rows by the target's mean, highest first; time order without one.
fn row_order(target: Option<&Matrix>, rows: usize) -> Vec<u32> {
    match target {
        Some(m) => order::by_value(&order::mean_scores(m)).into_iter().map(|r| r as u32).collect(),
        None => (0..rows as u32).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::dimension::Dimension;
    use crate::core::turn::{Judgement, Turn};

    #[test]
    fn the_target_is_what_the_first_judge_said_on_validation_turns() {
        let turn = |id: &str| Turn { turn_id: id.to_owned(), ..Turn::default() };
        let judged = |id: &str, score: f64, judge: &str| Judgement {
            turn_id: id.to_owned(),
            dimension: Dimension::Clarity,
            score,
            rationale: String::new(),
            judge: judge.to_owned(),
        };
        let run = RunContents {
            turns: Arc::new(vec![turn("a"), turn("b"), turn("c")]),
            splits: vec![Split::Validation, Split::Train, Split::Validation],
            judgements: Arc::new(vec![
                judged("a", 20.0, "j1"),
                judged("c", 80.0, "j1"),
                judged("a", 99.0, "j2"),
            ]),
            ..RunContents::default()
        };
        let m = target(&run, 2).unwrap();
        assert_eq!((m.get(0, 2), m.get(1, 2)), (0.2, 0.8));
        assert!(m.get(0, 0).is_nan());
        assert_eq!(row_order(Some(&m), 2), [1, 0]);
        assert!(target(&run, 3).is_none());
    }
}
