//! The small part of Python's pickle format that a state dict needs. Nothing is executed: a class or function is only
//! its name, and only the few that `torch.save` uses for tensors mean anything.

use super::TorchError;
use std::rc::Rc;

/// A value of a pickle.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// None, objects and whatever is of no interest here.
    Nothing,
    /// A whole number.
    Int(i64),
    /// Text.
    Text(Rc<str>),
    /// A tuple or list.
    Many(Rc<Vec<Self>>),
    /// A dictionary, in order.
    Dict(Rc<std::cell::RefCell<Vec<(Self, Self)>>>),
    /// "module name" of a class or function.
    Name(Rc<str>),
    /// What a persistent id stands for: a storage.
    Storage(Rc<Vec<Self>>),
    /// A tensor: storage, offset, shape, strides.
    Tensor(Rc<Tensor>),
}

/// A view of a storage, counted in its elements.
#[derive(Clone, Debug)]
pub(super) struct Tensor {
    /// Element type as torch names its storage ("FloatStorage").
    pub(super) kind: Rc<str>,
    /// Key of the storage in the archive.
    pub(super) key: Rc<str>,
    /// First element.
    pub(super) offset: usize,
    /// Shape.
    pub(super) shape: Vec<usize>,
    /// Steps between neighbours along each axis.
    pub(super) strides: Vec<usize>,
}

enum Slot {
    Mark,
    Value(Value),
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Slot>,
    memo: std::collections::BTreeMap<u32, Value>,
}

/// Reads a pickle.
pub(super) fn read(bytes: &[u8]) -> Result<Value, TorchError> {
    let mut reader = Reader { bytes, at: 0, stack: Vec::new(), memo: std::collections::BTreeMap::new() };
    loop {
        if let Some(value) = reader.step()? {
            return Ok(value);
        }
    }
}

const CUT: TorchError = TorchError::Damaged("its list of tensors is cut short");

impl Reader<'_> {
    /// One instruction; the value at the end.
    fn step(&mut self) -> Result<Option<Value>, TorchError> {
        let op = self.take(1)?[0];
        match op {
            0x80 => {
                self.take(1)?;
            }
            0x95 => {
                self.take(8)?;
            }
            b'.' => return Ok(Some(self.pop()?)),
            b'(' => self.stack.push(Slot::Mark),
            b'N' => self.push(Value::Nothing),
            0x88 => self.push(Value::Int(1)),
            0x89 => self.push(Value::Int(0)),
            b'K' => {
                let v = self.take(1)?[0];
                self.push(Value::Int(i64::from(v)));
            }
            b'M' => {
                let v = self.number(2)?;
                self.push(Value::Int(v as i64));
            }
            b'J' => {
                let v = self.number(4)? as u32;
                self.push(Value::Int(i64::from(v as i32)));
            }
            0x8a => {
                let n = usize::from(self.take(1)?[0]);
                let v = self.long(n)?;
                self.push(Value::Int(v));
            }
            b'G' => {
                self.take(8)?;
                self.push(Value::Nothing);
            }
            b'X' => {
                let n = self.number(4)? as usize;
                self.text(n)?;
            }
            0x8c => {
                let n = usize::from(self.take(1)?[0]);
                self.text(n)?;
            }
            b'c' => {
                let module = self.line()?;
                let name = self.line()?;
                self.push(Value::Name(format!("{module} {name}").into()));
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                if let (Value::Text(module), Value::Text(name)) = (module, name) {
                    self.push(Value::Name(format!("{module} {name}").into()));
                } else {
                    self.push(Value::Nothing);
                }
            }
            b'q' | b'r' | 0x94 => {
                let key = match op {
                    b'q' => u32::from(self.take(1)?[0]),
                    b'r' => self.number(4)? as u32,
                    _ => self.memo.len() as u32,
                };
                let top = match self.stack.last() {
                    Some(Slot::Value(v)) => v.clone(),
                    _ => return Err(CUT),
                };
                self.memo.insert(key, top);
            }
            b'h' | b'j' => {
                let key = if op == b'h' { u32::from(self.take(1)?[0]) } else { self.number(4)? as u32 };
                let value = self.memo.get(&key).cloned().ok_or(CUT)?;
                self.push(value);
            }
            b')' | b']' => self.push(Value::Many(Rc::default())),
            b'}' => self.push(Value::Dict(Rc::default())),
            b't' | b'l' => {
                let items = self.until_mark()?;
                self.push(Value::Many(Rc::new(items)));
            }
            0x85..=0x87 => {
                let n = usize::from(op - 0x84);
                let mut items = (0..n).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
                items.reverse();
                self.push(Value::Many(Rc::new(items)));
            }
            b'a' => {
                let item = self.pop()?;
                self.extend(vec![item])?;
            }
            b'e' => {
                let items = self.until_mark()?;
                self.extend(items)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set(vec![key, value])?;
            }
            b'u' => {
                let items = self.until_mark()?;
                self.set(items)?;
            }
            b'Q' => {
                let value = match self.pop()? {
                    Value::Many(parts) => Value::Storage(parts),
                    _ => Value::Nothing,
                };
                self.push(value);
            }
            b'R' => {
                let (arguments, name) = (self.pop()?, self.pop()?);
                let made = call(&name, arguments)?;
                self.push(made);
            }
            // Attributes of an object, such as a state dict's `_metadata`.
            b'b' => {
                self.pop()?;
            }
            0x81 => {
                self.pop()?;
                self.pop()?;
                self.push(Value::Nothing);
            }
            other => return Err(TorchError::Unknown(other)),
        }
        Ok(None)
    }

    fn take(&mut self, n: usize) -> Result<&[u8], TorchError> {
        let end = self.at.checked_add(n).ok_or(CUT)?;
        let found = self.bytes.get(self.at..end).ok_or(CUT)?;
        self.at = end;
        Ok(found)
    }

    fn number(&mut self, n: usize) -> Result<u64, TorchError> {
        Ok(self.take(n)?.iter().rev().fold(0, |sum, b| sum << 8 | u64::from(*b)))
    }

    /// A little-endian number of up to eight bytes in two's complement.
    fn long(&mut self, n: usize) -> Result<i64, TorchError> {
        if n > 8 {
            return Err(TorchError::Damaged("a number in it is too long"));
        }
        let negative = self.bytes.get(self.at + n.max(1) - 1).is_some_and(|b| n > 0 && b & 0x80 != 0);
        let fill = if negative && n < 8 { u64::MAX << (8 * n) } else { 0 };
        Ok((self.number(n)? | fill) as i64)
    }

    fn line(&mut self) -> Result<String, TorchError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let n = rest.iter().position(|b| *b == b'\n').ok_or(CUT)?;
        let text = String::from_utf8_lossy(self.take(n)?).into_owned();
        self.take(1)?;
        Ok(text)
    }

    fn text(&mut self, n: usize) -> Result<(), TorchError> {
        let text: Rc<str> = String::from_utf8_lossy(self.take(n)?).into();
        self.push(Value::Text(text));
        Ok(())
    }

    fn push(&mut self, value: Value) {
        self.stack.push(Slot::Value(value));
    }

    fn pop(&mut self) -> Result<Value, TorchError> {
        match self.stack.pop() {
            Some(Slot::Value(value)) => Ok(value),
            _ => Err(CUT),
        }
    }

    fn until_mark(&mut self) -> Result<Vec<Value>, TorchError> {
        let mut items = Vec::new();
        loop {
            match self.stack.pop() {
                Some(Slot::Value(value)) => items.push(value),
                Some(Slot::Mark) => break,
                None => return Err(CUT),
            }
        }
        items.reverse();
        Ok(items)
    }

    fn extend(&mut self, items: Vec<Value>) -> Result<(), TorchError> {
        if let Some(Slot::Value(Value::Many(list))) = self.stack.last_mut() {
            Rc::make_mut(list).extend(items);
        }
        Ok(())
    }

    fn set(&mut self, items: Vec<Value>) -> Result<(), TorchError> {
        if let Some(Slot::Value(Value::Dict(dict))) = self.stack.last() {
            let mut pairs = items.into_iter();
            while let (Some(key), Some(value)) = (pairs.next(), pairs.next()) {
                dict.borrow_mut().push((key, value));
            }
        }
        Ok(())
    }
}

/// What calling a named function gives: tensors and dictionaries; all else is of no interest.
fn call(name: &Value, arguments: Value) -> Result<Value, TorchError> {
    let (Value::Name(name), Value::Many(arguments)) = (name, arguments) else { return Ok(Value::Nothing) };
    match name.as_ref() {
        "collections OrderedDict" => Ok(Value::Dict(Rc::default())),
        "torch._utils _rebuild_parameter" => Ok(arguments.first().cloned().unwrap_or(Value::Nothing)),
        "torch._utils _rebuild_tensor_v2" => tensor(&arguments).map(|t| Value::Tensor(Rc::new(t))),
        _ => Ok(Value::Nothing),
    }
}

/// `(storage, offset, shape, strides, ...)`; a storage is `("storage", class, key, device, elements)`.
fn tensor(arguments: &[Value]) -> Result<Tensor, TorchError> {
    let [Value::Storage(storage), Value::Int(offset), Value::Many(shape), Value::Many(strides), ..] =
        arguments
    else {
        return Err(TorchError::Damaged("a tensor in it is described in an unknown way"));
    };
    let (Some(Value::Name(class)), Some(Value::Text(key))) = (storage.get(1), storage.get(2)) else {
        return Err(TorchError::Damaged("a storage in it is described in an unknown way"));
    };
    let whole = |v: &Value| match v {
        Value::Int(n) => usize::try_from(*n).ok(),
        _ => None,
    };
    let list = |values: &[Value]| values.iter().map(whole).collect::<Option<Vec<usize>>>();
    let kind = class.rsplit(' ').next().unwrap_or_default();
    let parts = usize::try_from(*offset).ok().zip(list(shape)).zip(list(strides));
    let ((offset, shape), strides) =
        parts.ok_or(TorchError::Damaged("a tensor in it has an impossible shape"))?;
    Ok(Tensor { kind: kind.into(), key: key.clone(), offset, shape, strides })
}
