//! The mutable parts of a value in a recorded state, and whether they have changed since.

use std::ops::Range;

use numpy::{PyArray1, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

use super::rules::{Rules, Treatment, ValueKind};

/// A mutable part of a value.
pub(super) enum Content {
    Entries(Entries),
    Selected(Selected),
    Items(Items),
    Samples(ArrayBytes),
    Strided(StridedArray),
    Replaceable(ReplaceableArray),
}

impl Content {
    /// Returns the name of what changed, as in `._text`, or an empty name for the value as a whole.
    pub(super) fn change(
        &mut self,
        py: Python<'_>,
        rules: &mut Rules,
        slots: &mut Slots,
    ) -> PyResult<Option<String>> {
        match self {
            Self::Entries(entries) => entries.change(py, rules, slots),
            Self::Selected(selected) => selected.change(py, rules),
            Self::Items(items) => Ok(items.changed(py)?.then(String::new)),
            Self::Samples(samples) => Ok(samples.changed(py)?.then(String::new)),
            Self::Strided(copied) => Ok(copied.changed(py)?.then(String::new)),
            Self::Replaceable(matrix) => matrix.change(py),
        }
    }
}

/// The keys and values of all dictionaries, one after another: contiguous memory is compared faster.
#[derive(Default)]
pub(super) struct Slots {
    keys: Vec<Py<PyAny>>,
    /// `None` for values that are left out.
    values: Vec<Option<Py<PyAny>>>,
}

/// The entries of a dictionary: those of a mapping, or the attributes of an object.
pub(super) struct Entries {
    dictionary: Py<PyDict>,
    slots: Range<usize>,
    /// The rule of the object that has the attributes.
    rule: Option<usize>,
}

impl Entries {
    /// Records the entries that were found, each with its value, or without one if it is left out.
    pub(super) fn new<'py>(
        dictionary: &Bound<'py, PyDict>,
        rule: Option<usize>,
        found: Vec<(Bound<'py, PyAny>, Option<Bound<'py, PyAny>>)>,
        slots: &mut Slots,
    ) -> Self {
        let start = slots.keys.len();
        for (key, value) in found {
            slots.keys.push(key.unbind());
            slots.values.push(value.map(Bound::unbind));
        }
        Self { dictionary: dictionary.clone().unbind(), slots: start..slots.keys.len(), rule }
    }

    fn change(&self, py: Python<'_>, rules: &mut Rules, slots: &mut Slots) -> PyResult<Option<String>> {
        let dictionary = self.dictionary.bind(py);
        // Nearly always, each value is the same object in the same position.
        let is_same = dictionary.len() == self.slots.len()
            && slots.keys[self.slots.clone()]
                .iter()
                .zip(&slots.values[self.slots.clone()])
                .zip(dictionary.iter())
                .all(|((key, before), (now_key, now))| {
                    key.is(&now_key) && before.as_ref().is_none_or(|before| before.is(&now))
                });
        if is_same { Ok(None) } else { self.change_by_key(py, rules, slots) }
    }

    fn change_by_key(&self, py: Python<'_>, rules: &mut Rules, slots: &mut Slots) -> PyResult<Option<String>> {
        let dictionary = self.dictionary.bind(py);
        let keys = &slots.keys[self.slots.clone()];
        for (key, before) in keys.iter().zip(&mut slots.values[self.slots.clone()]) {
            let Some(before) = before else { continue };
            match dictionary.get_item(key)? {
                Some(now) if is_equal(rules, before.bind(py), &now)? => *before = now.unbind(),
                _ => return Ok(Some(self.name(key.bind(py))?)),
            }
        }
        if dictionary.len() != keys.len() {
            for key in dictionary.keys() {
                if self.is_new(rules, &key, keys)? {
                    return Ok(Some(self.name(&key)?));
                }
            }
        }
        Ok(None)
    }

    fn is_new(&self, rules: &mut Rules, key: &Bound<'_, PyAny>, keys: &[Py<PyAny>]) -> PyResult<bool> {
        for known in keys {
            if known.is(key) || known.bind(key.py()).eq(key)? {
                return Ok(false);
            }
        }
        match self.rule {
            Some(rule) => Ok(rules.rule(rule).treatment(key)? != Treatment::LeftOut),
            None => Ok(true),
        }
    }

    fn name(&self, key: &Bound<'_, PyAny>) -> PyResult<String> {
        Ok(if self.rule.is_some() { format!(".{key}") } else { format!("[{}]", key.repr()?) })
    }
}

/// Selected attributes of an object.
pub(super) struct Selected {
    attributes: Py<PyDict>,
    /// The names, and the values if they exist.
    pairs: Vec<(Py<PyAny>, Option<Py<PyAny>>)>,
}

impl Selected {
    pub(super) fn new(attributes: &Bound<'_, PyDict>) -> Self {
        Self { attributes: attributes.clone().unbind(), pairs: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Adds an attribute; returns its value, if it exists.
    pub(super) fn push<'py>(&mut self, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let value = self.attributes.bind(name.py()).get_item(name)?;
        self.pairs.push((name.clone().into_any().unbind(), value.as_ref().map(|value| value.clone().unbind())));
        Ok(value)
    }

    fn change(&mut self, py: Python<'_>, rules: &mut Rules) -> PyResult<Option<String>> {
        let attributes = self.attributes.bind(py);
        for (name, before) in &mut self.pairs {
            match (attributes.get_item(&*name)?, before) {
                (None, None) => {}
                (Some(now), Some(before)) if now.is(&*before) => {}
                (Some(now), Some(before)) if is_equal(rules, before.bind(py), &now)? => *before = now.unbind(),
                _ => return Ok(Some(format!(".{name}"))),
            }
        }
        Ok(None)
    }
}

/// The items of an iterable.
pub(super) struct Items {
    iterable: Py<PyAny>,
    items: Vec<Py<PyAny>>,
}

impl Items {
    pub(super) fn new(iterable: &Bound<'_, PyAny>, items: Vec<Bound<'_, PyAny>>) -> Self {
        Self { iterable: iterable.clone().unbind(), items: items.into_iter().map(Bound::unbind).collect() }
    }

    fn changed(&self, py: Python<'_>) -> PyResult<bool> {
        let iterable = self.iterable.bind(py);
        if let Ok(list) = iterable.cast::<PyList>() {
            let is_same =
                list.len() == self.items.len() && list.iter().zip(&self.items).all(|(now, before)| before.is(&now));
            return Ok(!is_same);
        }
        let mut before = self.items.iter();
        for now in iterable.try_iter()? {
            let now = now?;
            if before.next().is_none_or(|before| !before.is(&now)) {
                return Ok(true);
            }
        }
        Ok(before.next().is_some())
    }
}

/// The samples of a contiguous NumPy array.
pub(super) struct ArrayBytes {
    /// Keeps the array alive, so that no other array gets its memory.
    _array: Py<PyAny>,
    view: Py<PyArray1<u8>>,
    bytes: Box<[u8]>,
}

/// Arrays of fewer bytes than this are copied for the comparison, which is faster than borrowing them.
const SMALL: usize = 512;

impl ArrayBytes {
    pub(super) fn new(array: &Bound<'_, PyAny>) -> PyResult<Self> {
        let view = bytes_of(array)?;
        let bytes = view.readonly().as_slice()?.into();
        Ok(Self { _array: array.clone().unbind(), view: view.unbind(), bytes })
    }

    fn changed(&self, py: Python<'_>) -> PyResult<bool> {
        let view = self.view.bind(py);
        if self.bytes.len() < SMALL {
            return Ok(view.to_vec()?[..] != self.bytes[..]);
        }
        Ok(view.readonly().as_slice()? != &self.bytes[..])
    }
}

/// A small array in an attribute, which an equal array may replace.
pub(super) struct ReplaceableArray {
    attributes: Py<PyDict>,
    name: Py<PyAny>,
    array: Py<PyAny>,
    /// The samples, if they are contiguous in C order: others are read again each time.
    samples: Option<ArrayBytes>,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl ReplaceableArray {
    pub(super) fn new(
        attributes: &Bound<'_, PyDict>,
        name: &Bound<'_, PyAny>,
        array: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let plain = array.cast::<PyUntypedArray>()?;
        let samples = if plain.is_c_contiguous() { Some(ArrayBytes::new(array)?) } else { None };
        Ok(Self {
            attributes: attributes.clone().unbind(),
            name: name.clone().unbind(),
            array: array.clone().unbind(),
            samples,
            shape: plain.shape().to_vec(),
            bytes: logical_bytes(array)?,
        })
    }

    fn change(&mut self, py: Python<'_>) -> PyResult<Option<String>> {
        let name = self.name.bind(py);
        let Some(now) = self.attributes.bind(py).get_item(name)? else { return Ok(Some(format!(".{name}"))) };
        if now.is(&self.array)
            && let Some(samples) = &self.samples
        {
            return Ok(samples.changed(py)?.then(|| format!(".{name}")));
        }
        let is_same_kind = now.get_type().is(self.array.bind(py).get_type())
            && now.cast::<PyUntypedArray>().is_ok_and(|plain| plain.shape() == self.shape)
            && now.getattr("dtype")?.eq(self.array.bind(py).getattr("dtype")?)?;
        if !is_same_kind || logical_bytes(&now)? != self.bytes {
            return Ok(Some(format!(".{name}")));
        }
        if !now.is(&self.array) {
            *self = Self::new(self.attributes.bind(py), name, &now)?;
        }
        Ok(None)
    }
}

/// Returns the bytes of an array, row by row.
fn logical_bytes(array: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    Ok(array.call_method0("tobytes")?.cast_into::<PyBytes>()?.as_bytes().to_vec())
}

/// Returns the bytes of a contiguous array, without a copy.
fn bytes_of<'py>(array: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<u8>>> {
    let uint8 = array.py().import("numpy")?.getattr("uint8")?;
    Ok(array.call_method1("ravel", ("K",))?.call_method1("view", (uint8,))?.cast_into()?)
}

/// The samples of a NumPy array that is not contiguous.
pub(super) struct StridedArray {
    array: Py<PyAny>,
    bytes: Box<[u8]>,
}

impl StridedArray {
    pub(super) fn new(array: &Bound<'_, PyAny>) -> PyResult<Self> {
        let bytes = array.call_method0("tobytes")?.cast_into::<PyBytes>()?.as_bytes().into();
        Ok(Self { array: array.clone().unbind(), bytes })
    }

    fn changed(&self, py: Python<'_>) -> PyResult<bool> {
        let now = self.array.bind(py).call_method0("tobytes")?.cast_into::<PyBytes>()?;
        Ok(now.as_bytes() != &self.bytes[..])
    }
}

/// Returns whether two values draw the same: the same object, or plain values of one type that are equal.
fn is_equal(rules: &mut Rules, before: &Bound<'_, PyAny>, now: &Bound<'_, PyAny>) -> PyResult<bool> {
    if before.is(now) {
        return Ok(true);
    }
    if !before.get_type().is(now.get_type()) {
        return Ok(false);
    }
    if let (Ok(before), Ok(now)) = (before.cast_exact::<PyTuple>(), now.cast_exact::<PyTuple>()) {
        if before.len() != now.len() {
            return Ok(false);
        }
        for (before, now) in before.iter().zip(now.iter()) {
            if !is_equal(rules, &before, &now)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    if rules.kind(before)? == ValueKind::Value { before.eq(now) } else { Ok(false) }
}
