//! How values are watched, by their type.

use std::collections::HashMap;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyString, PyType};

/// The part of a value that can change without changing the reference to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueKind {
    /// None: an equal value draws the same.
    Value,
    /// Nothing that is drawn.
    Identity,
    /// Its attributes.
    Object,
    /// The samples of a NumPy array, and its attributes, if it has any.
    Array,
    /// The items of a tuple or a list, and for a list also which items they are.
    Sequence,
    /// The keys and values of a dictionary.
    Mapping,
    /// The values that a function is bound to, if known: Python reports them for each function.
    Function,
    /// A value that cannot be watched.
    Unwatchable,
}

impl ValueKind {
    fn named(name: &str) -> PyResult<Self> {
        Ok(match name {
            "value" => Self::Value,
            "identity" => Self::Identity,
            "object" => Self::Object,
            "array" => Self::Array,
            "sequence" => Self::Sequence,
            "mapping" => Self::Mapping,
            "function" => Self::Function,
            "unwatchable" => Self::Unwatchable,
            _ => return Err(PyValueError::new_err(format!("{name:?} is not a kind of value"))),
        })
    }
}

/// How to watch an attribute of an object.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Treatment {
    /// It is ignored.
    LeftOut,
    /// The reference is compared, and for a list or a dictionary its items.
    Shallow,
    /// As `Deep`, for a part of a tick: without the values that its axis writes whenever it is drawn.
    OfTick(FreeSide),
    /// The samples of the array are compared, but not its identity.
    Samples,
    /// The value is watched too.
    Deep,
}

/// The coordinate of a tick's parts that its axis does not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum FreeSide {
    Neither,
    X,
    Y,
}

/// How the values of one type are watched.
pub(super) struct Rule {
    pub(super) kind: ValueKind,
    left_out: Py<PyFrozenSet>,
    shallow: Py<PyFrozenSet>,
    of_tick: Py<PyFrozenSet>,
    samples: Py<PyFrozenSet>,
    /// The only attributes that are watched; empty if all are.
    pub(super) only: Vec<Py<PyString>>,
    /// By the address of an attribute's name, which the rule keeps alive.
    treatments: HashMap<usize, Treatment>,
    names: Vec<Py<PyAny>>,
}

impl Rule {
    pub(super) fn treatment(&mut self, name: &Bound<'_, PyAny>) -> PyResult<Treatment> {
        let py = name.py();
        let address = name.as_ptr() as usize;
        if let Some(treatment) = self.treatments.get(&address) {
            return Ok(*treatment);
        }
        let treatment = if self.left_out.bind(py).contains(name)? {
            Treatment::LeftOut
        } else if self.shallow.bind(py).contains(name)? {
            Treatment::Shallow
        } else if self.of_tick.bind(py).contains(name)? {
            Treatment::OfTick(FreeSide::Neither)
        } else if self.samples.bind(py).contains(name)? {
            Treatment::Samples
        } else {
            Treatment::Deep
        };
        self.treatments.insert(address, treatment);
        self.names.push(name.clone().unbind());
        Ok(treatment)
    }
}

/// The rules of all types seen so far. Python is called once for each type.
pub(super) struct Rules {
    rule_of: Py<PyAny>,
    parts_of: Py<PyAny>,
    free_side: Py<PyAny>,
    written_by_axes: Py<PyFrozenSet>,
    numbers: HashMap<usize, usize>,
    rules: Vec<Rule>,
    types: Vec<Py<PyType>>,
}

impl Rules {
    /// Makes rules without any type. `rule_of(type)` returns the name of a kind, and the attributes that are left out, that
    /// are shallow, that are parts of ticks, and whose samples are compared, and the only ones that are looked at, or None
    /// for all. `parts_of(function)` returns what the function reads besides its arguments, or None if that is unknown.
    /// `free_side(tick)` returns the coordinate of a tick's parts that its axis does not write: "x", "y", or "" if it
    /// writes both. `written_by_axes` are the attributes that are left out of parts of ticks.
    pub(super) fn new(
        rule_of: Py<PyAny>,
        parts_of: Py<PyAny>,
        free_side: Py<PyAny>,
        written_by_axes: Py<PyFrozenSet>,
    ) -> Self {
        let (numbers, rules, types) = (HashMap::new(), Vec::new(), Vec::new());
        Self { rule_of, parts_of, free_side, written_by_axes, numbers, rules, types }
    }

    /// Returns how an attribute of a part of a tick is watched, if not as its rule has it.
    pub(super) fn treatment_in_tick(
        &self,
        side: FreeSide,
        name: &Bound<'_, PyAny>,
        attributes: &Bound<'_, PyDict>,
    ) -> PyResult<Option<Treatment>> {
        // Lines keep their data in `_xorig` and `_yorig`, and compute the others; texts only have `_x` and `_y`.
        let (of_lines, of_texts) = match side {
            FreeSide::Neither => ("", ""),
            FreeSide::X => ("_xorig", "_x"),
            FreeSide::Y => ("_yorig", "_y"),
        };
        let is_free = name.eq(of_lines)? || (name.eq(of_texts)? && !attributes.contains(of_lines)?);
        let is_written = self.written_by_axes.bind(name.py()).contains(name)?;
        Ok(match () {
            () if is_free => Some(Treatment::Deep),
            () if is_written => Some(Treatment::LeftOut),
            () => None,
        })
    }

    /// Returns which coordinate of a tick's parts its axis does not write.
    pub(super) fn free_side(&self, tick: &Bound<'_, PyAny>) -> PyResult<FreeSide> {
        let side: String = self.free_side.bind(tick.py()).call1((tick,))?.extract()?;
        Ok(match side.as_str() {
            "x" => FreeSide::X,
            "y" => FreeSide::Y,
            _ => FreeSide::Neither,
        })
    }

    /// Returns what a function reads besides its arguments; `None` if unknown.
    pub(super) fn parts_of<'py>(&self, function: &Bound<'py, PyAny>) -> PyResult<Option<Vec<Bound<'py, PyAny>>>> {
        self.parts_of.bind(function.py()).call1((function,))?.extract()
    }

    /// Returns the number of the rule for a value.
    pub(super) fn number(&mut self, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        let kind_of_value = value.get_type();
        let address = kind_of_value.as_ptr() as usize;
        if let Some(number) = self.numbers.get(&address) {
            return Ok(*number);
        }
        let answer = self.rule_of.bind(value.py()).call1((&kind_of_value,))?;
        type Names = Py<PyFrozenSet>;
        let (kind, left_out, shallow, of_tick, samples, only): (String, Names, Names, Names, Names, _) =
            answer.extract()?;
        self.rules.push(Rule {
            kind: ValueKind::named(&kind)?,
            left_out,
            shallow,
            of_tick,
            samples,
            only,
            treatments: HashMap::new(),
            names: Vec::new(),
        });
        self.types.push(kind_of_value.unbind());
        self.numbers.insert(address, self.rules.len() - 1);
        Ok(self.rules.len() - 1)
    }

    pub(super) fn rule(&mut self, number: usize) -> &mut Rule {
        &mut self.rules[number]
    }

    pub(super) fn kind(&mut self, value: &Bound<'_, PyAny>) -> PyResult<ValueKind> {
        let number = self.number(value)?;
        Ok(self.rules[number].kind)
    }
}
