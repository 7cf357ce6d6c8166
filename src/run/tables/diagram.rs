//! `diagram.parquet`: the bars of a persistence diagram, in their order (cycles refer to it).

use super::columns::{integers, read_integers, read_numbers, read_text, text, wide_numbers};
use super::{TableError, parquet};
use crate::core::bar::Bar;

const FILE: &str = "diagram.parquet";

/// Parquet bytes of bars; an infinite bar has a null death, simplices are vertices joined by spaces.
///
/// # Errors
/// [`TableError::Value`] for a birth or death that is not finite.
pub fn to_parquet(bars: &[Bar]) -> Result<Vec<u8>, TableError> {
    for (row, bar) in bars.iter().enumerate() {
        if !bar.birth.is_finite() || bar.death.is_some_and(|d| !d.is_finite()) {
            return Err(TableError::value(FILE, row, "birth", "a finite bar needs finite scales"));
        }
    }
    let simplex = |get: fn(&Bar) -> &[u32]| bars.iter().map(|b| join(get(b))).collect::<Vec<_>>();
    let columns = vec![
        integers("dim", &bars.iter().map(|b| i64::from(b.dim)).collect::<Vec<_>>()),
        wide_numbers("birth", &bars.iter().map(|b| b.birth).collect::<Vec<_>>()),
        wide_numbers("death", &bars.iter().map(|b| b.death.unwrap_or(f64::NAN)).collect::<Vec<_>>()),
        text("birth_simplex", &simplex(|b| &b.birth_simplex)),
        text("death_simplex", &simplex(|b| &b.death_simplex)),
    ];
    parquet::to_bytes(FILE, columns)
}

/// Bars from Parquet bytes; `file` names them in messages.
///
/// # Errors
/// [`TableError`].
pub fn from_parquet(file: &str, bytes: &[u8]) -> Result<Vec<Bar>, TableError> {
    let frame = parquet::from_bytes(file, bytes)?;
    let dims = read_integers(file, &frame, "dim")?;
    let births = read_numbers(file, &frame, "birth")?;
    let deaths = read_numbers(file, &frame, "death")?;
    let birth_simplices = read_text(file, &frame, "birth_simplex")?;
    let death_simplices = read_text(file, &frame, "death_simplex")?;
    let rows = dims.into_iter().zip(births).zip(deaths).zip(birth_simplices).zip(death_simplices).enumerate();
    rows.map(|(row, ((((dim, birth), death), birth_simplex), death_simplex))| {
        let wrong = |column, reason| TableError::value(file, row, column, reason);
        let dim = u8::try_from(dim).ok().filter(|d| *d <= 2);
        if !birth.is_finite() {
            return Err(wrong("birth", "it is missing"));
        }
        Ok(Bar {
            dim: dim.ok_or_else(|| wrong("dim", "it is not 0, 1 or 2"))?,
            birth,
            death: death.is_finite().then_some(death),
            birth_simplex: split(&birth_simplex)
                .ok_or_else(|| wrong("birth_simplex", "it is no list of vertices"))?,
            death_simplex: split(&death_simplex)
                .ok_or_else(|| wrong("death_simplex", "it is no list of vertices"))?,
        })
    })
    .collect()
}

fn join(vertices: &[u32]) -> String {
    vertices.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
}

fn split(text: &str) -> Option<Vec<u32>> {
    text.split_whitespace().map(|v| v.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_read_back_and_infinity_stays_infinite() {
        let bars = vec![
            Bar { dim: 0, birth: 0.0, death: None, birth_simplex: vec![0], death_simplex: vec![] },
            Bar {
                dim: 1,
                birth: 0.1,
                death: Some(0.3),
                birth_simplex: vec![3, 1],
                death_simplex: vec![5, 3, 1],
            },
        ];
        assert_eq!(from_parquet("d", &to_parquet(&bars).unwrap()).unwrap(), bars);
        let wrong = Bar { birth: f64::INFINITY, ..bars[1].clone() };
        assert!(to_parquet(&[wrong]).is_err());
    }
}
