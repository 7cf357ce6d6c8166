//! State dicts as PyTorch writes them with `torch.save` since version 1.6: a ZIP archive of a pickle and raw storages.
//! Read without executing anything the file says.

mod pickle;
mod zip;

use super::params::{HostParams, HostTensor};
use pickle::{Tensor, Value};
use std::collections::BTreeMap;

/// Why a PyTorch file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TorchError {
    /// Not written by `torch.save`, or harmed.
    #[error("the PyTorch file cannot be read ({0}); save the state dict again with torch.save")]
    Damaged(&'static str),
    /// A pickle with more than tensors in it.
    #[error(
        "the PyTorch file holds more than a state dict (pickle instruction {0:#04x}); save only model.state_dict()"
    )]
    Unknown(u8),
    /// No tensors.
    #[error("the PyTorch file holds no tensors; save model.state_dict()")]
    Empty,
    /// Whole numbers, complex numbers, quantised ones.
    #[error("parameter {name} is stored as {kind}; convert the model to float32 and save it again")]
    Type {
        /// Parameter.
        name: String,
        /// Torch's name of the storage.
        kind: String,
    },
}

/// Whether these bytes are an archive as `torch.save` writes it.
pub fn is_torch(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Keys under which training scripts put the state dict among other things.
const NESTED: [&str; 4] = ["state_dict", "model_state_dict", "model", "net"];

/// All tensors of a state dict as one model's parameters, as f32, unchecked; half and double precision are converted.
///
/// # Errors
/// [`TorchError`].
pub fn read(bytes: &[u8]) -> Result<HostParams, TorchError> {
    let entries = zip::entries(bytes)?;
    let (pickle, folder) = entries
        .iter()
        .find_map(|(name, content)| Some((*content, name.strip_suffix("data.pkl")?.to_owned())))
        .ok_or(TorchError::Damaged("it has no data.pkl"))?;
    if entries.get(&format!("{folder}byteorder")).is_some_and(|order| *order != b"little") {
        return Err(TorchError::Damaged("its numbers are in big-endian order"));
    }
    let mut tensors = BTreeMap::new();
    for (name, tensor) in state_dict(pickle::read(pickle)?) {
        let storage = entries.get(&format!("{folder}data/{}", tensor.key));
        let storage = storage.ok_or(TorchError::Damaged("a storage is missing"))?;
        let data = values(&name, &tensor, storage)?;
        tensors.insert(name, HostTensor { shape: tensor.shape.clone(), data });
    }
    if tensors.is_empty() {
        return Err(TorchError::Empty);
    }
    Ok(HostParams { models: 1, tensors })
}

/// The tensors of a dictionary, or of the one that holds the state dict inside it.
fn state_dict(value: Value) -> Vec<(String, Tensor)> {
    let Value::Dict(dict) = value else { return Vec::new() };
    let pairs = dict.borrow();
    let own: Vec<(String, Tensor)> = pairs
        .iter()
        .filter_map(|(key, value)| match (key, value) {
            (Value::Text(name), Value::Tensor(tensor)) => Some((name.to_string(), tensor.as_ref().clone())),
            _ => None,
        })
        .collect();
    if !own.is_empty() {
        return own;
    }
    let nested = NESTED.iter().find_map(|wanted| {
        let is_it = |key: &Value| matches!(key, Value::Text(k) if k.as_ref() == *wanted);
        pairs.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value.clone())
    });
    nested.map_or_else(Vec::new, state_dict)
}

/// The elements of a tensor in row-major order.
fn values(name: &str, tensor: &Tensor, storage: &[u8]) -> Result<Vec<f32>, TorchError> {
    let (width, number): (usize, fn(&[u8]) -> f32) = match tensor.kind.as_ref() {
        "FloatStorage" => (4, |b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])),
        "DoubleStorage" => {
            (8, |b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f32)
        }
        "HalfStorage" => (2, |b| half_to_f32(u16::from_le_bytes([b[0], b[1]]))),
        "BFloat16Storage" => (2, |b| f32::from_bits(u32::from(u16::from_le_bytes([b[0], b[1]])) << 16)),
        other => return Err(TorchError::Type { name: name.to_owned(), kind: other.to_owned() }),
    };
    let cut = TorchError::Damaged("a storage is shorter than its tensors");
    let count = tensor.shape.iter().try_fold(1_usize, |n, d| n.checked_mul(*d));
    let count = count.filter(|n| *n <= storage.len() / width || tensor.strides.contains(&0));
    let (Some(count), true) = (count, tensor.shape.len() == tensor.strides.len()) else { return Err(cut) };
    let mut out = Vec::new();
    let mut at = vec![0_usize; tensor.shape.len()];
    for _ in 0..count {
        let element = at.iter().zip(&tensor.strides).try_fold(tensor.offset, |sum, (i, step)| {
            i.checked_mul(*step).and_then(|by| sum.checked_add(by))
        });
        let bytes =
            element.and_then(|e| e.checked_mul(width)).and_then(|b| storage.get(b..b.checked_add(width)?));
        out.push(number(bytes.ok_or(TorchError::Damaged("a storage is shorter than its tensors"))?));
        for axis in (0..at.len()).rev() {
            at[axis] += 1;
            if at[axis] < tensor.shape[axis] {
                break;
            }
            at[axis] = 0;
        }
    }
    Ok(out)
}

/// IEEE 754 half precision to single.
pub(super) fn half_to_f32(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = ((bits >> 10) & 0x1f, f32::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2.0_f32.powi(-24),
        0x1f if fraction == 0.0 => f32::INFINITY,
        0x1f => f32::NAN,
        e => (1.0 + fraction / 1024.0) * 2.0_f32.powi(i32::from(e) - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_has_its_known_values() {
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x0001, 5.960_464_5e-8),
            (0x7bff, 65504.0),
        ] {
            assert_eq!(half_to_f32(bits), value);
        }
        assert!(half_to_f32(0x7c01).is_nan() && half_to_f32(0x7c00).is_infinite());
    }

    #[test]
    fn bytes_that_are_no_archive_are_refused_without_a_panic() {
        assert!(read(b"").is_err() && read(b"PK\x03\x04").is_err());
        assert!(read(&[b'P'; 200]).is_err());
        assert!(matches!(pickle::read(b"\x80\x02c__main__\nModel\n"), Err(TorchError::Damaged(_))));
        assert!(matches!(pickle::read(b"\x80\x02i."), Err(TorchError::Unknown(b'i'))));
    }
}
