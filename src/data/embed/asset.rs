//! Reads the embedder's numbers (`assets/embedder/static.safetensors`) and checks their form.

use super::EmbedError;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

/// The file, parsed.
pub(super) struct Asset(SafeTensors<'static>);

/// The error for a file of another form.
pub(super) fn bad_table(reason: String) -> EmbedError {
    EmbedError::Asset { part: "static.safetensors", reason }
}

impl Asset {
    /// # Errors
    /// When the bytes are no safetensors file.
    pub(super) fn new(bytes: &'static [u8]) -> Result<Self, EmbedError> {
        SafeTensors::deserialize(bytes).map(Self).map_err(|e| bad_table(e.to_string()))
    }

    fn tensor(&self, name: &str) -> Result<TensorView<'static>, EmbedError> {
        self.0.tensor(name).map_err(|e| bad_table(e.to_string()))
    }

    /// Length of the last axis.
    ///
    /// # Errors
    /// When there is no such tensor.
    pub(super) fn columns(&self, name: &str) -> Result<usize, EmbedError> {
        Ok(self.tensor(name)?.shape().last().copied().unwrap_or(0))
    }

    /// Length of the first axis.
    ///
    /// # Errors
    /// When there is no such tensor.
    pub(super) fn rows(&self, name: &str) -> Result<usize, EmbedError> {
        Ok(self.tensor(name)?.shape().first().copied().unwrap_or(0))
    }

    /// A matrix of bytes with its rows and columns.
    ///
    /// # Errors
    /// When the tensor is missing or is something else.
    pub(super) fn codes(&self, name: &str) -> Result<(&'static [u8], usize, usize), EmbedError> {
        let view = self.tensor(name)?;
        match *view.shape() {
            [rows, columns] if view.dtype() == Dtype::U8 => Ok((view.data(), rows, columns)),
            _ => Err(bad_table(format!(
                "`{name}` is {:?} {:?} instead of a matrix of bytes",
                view.dtype(),
                view.shape()
            ))),
        }
    }

    /// A float tensor (float32, or bfloat16 to save room), if it has this shape and only finite numbers.
    ///
    /// # Errors
    /// When the tensor is missing or is something else.
    pub(super) fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EmbedError> {
        let view = self.tensor(name)?;
        let data = view.data();
        let values: Vec<f32> = match view.dtype() {
            Dtype::F32 => {
                data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
            }
            Dtype::BF16 => data.chunks_exact(2).map(|b| f32::from_le_bytes([0, 0, b[0], b[1]])).collect(),
            other => return Err(bad_table(format!("`{name}` is {other:?} instead of float32 or bfloat16"))),
        };
        if view.shape() != shape {
            return Err(bad_table(format!("`{name}` is {:?} instead of {shape:?}", view.shape())));
        }
        if values.iter().any(|v| !v.is_finite()) {
            return Err(bad_table(format!("`{name}` holds a number that is not finite")));
        }
        Ok(values)
    }
}
