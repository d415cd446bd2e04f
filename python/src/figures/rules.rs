//! How values are watched, by their type.

use std::collections::HashMap;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyFrozenSet, PyString, PyType};

/// What of a value can change while the reference to it stays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing: a value that is equal to another draws the same.
    Value,
    /// Nothing that is drawn.
    Identity,
    /// Its attributes.
    Object,
    /// The samples of a NumPy array, and its attributes where it has some.
    Array,
    /// The items of a tuple; those of a list, and which they are.
    Sequence,
    /// The keys and values of a dictionary.
    Mapping,
    /// Something that nobody can see.
    Opaque,
    /// `Identity` or `Opaque`: Python decides for each value.
    Unsure,
}

impl Kind {
    fn named(name: &str) -> PyResult<Self> {
        Ok(match name {
            "value" => Self::Value,
            "identity" => Self::Identity,
            "object" => Self::Object,
            "array" => Self::Array,
            "sequence" => Self::Sequence,
            "mapping" => Self::Mapping,
            "opaque" => Self::Opaque,
            "unsure" => Self::Unsure,
            _ => return Err(PyValueError::new_err(format!("{name:?} is no kind of value"))),
        })
    }
}

/// What is done with an attribute of an object.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Treatment {
    /// It is not looked at.
    LeftOut,
    /// The reference is compared, and of a list or a dictionary the items.
    Shallow,
    /// The reference is compared, and of an object the few attributes that tell of changes of the others.
    Brief,
    /// The samples of the array that it refers to are compared, and not which array it is.
    Samples,
    /// What it refers to is watched too.
    Deep,
}

/// How the values of one type are watched.
pub(super) struct Rule {
    pub(super) kind: Kind,
    left_out: Py<PyFrozenSet>,
    shallow: Py<PyFrozenSet>,
    brief: Py<PyFrozenSet>,
    samples: Py<PyFrozenSet>,
    /// The only attributes that are looked at; empty where all are.
    pub(super) only: Vec<Py<PyString>>,
    /// By the address of an attribute's name, which stays as long as the rule does.
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
        } else if self.brief.bind(py).contains(name)? {
            Treatment::Brief
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

/// The rules of all types that were met. Python is asked once for each type.
pub(super) struct Rules {
    rule_of: Py<PyAny>,
    is_opaque: Py<PyAny>,
    of_brief: Vec<Py<PyString>>,
    numbers: HashMap<usize, usize>,
    rules: Vec<Rule>,
    types: Vec<Py<PyType>>,
}

impl Rules {
    /// `rule_of(type)` gives a kind's name, and the attributes to leave out, the shallow and the brief
    /// ones, those whose samples are compared, and the only
    /// ones that are looked at, where that is not all;
    /// `is_opaque(value)` decides for values of an unsure kind.
    pub(super) fn new(rule_of: Py<PyAny>, is_opaque: Py<PyAny>, of_brief: Vec<Py<PyString>>) -> Self {
        Self { rule_of, is_opaque, of_brief, numbers: HashMap::new(), rules: Vec::new(), types: Vec::new() }
    }

    /// The attributes that are watched of objects in brief.
    pub(super) fn of_brief<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyString>> {
        self.of_brief.iter().map(|name| name.bind(py).clone()).collect()
    }

    /// The number of the rule for a value.
    pub(super) fn number(&mut self, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        let kind_of_value = value.get_type();
        let address = kind_of_value.as_ptr() as usize;
        if let Some(number) = self.numbers.get(&address) {
            return Ok(*number);
        }
        let answer = self.rule_of.bind(value.py()).call1((&kind_of_value,))?;
        type Names = Py<PyFrozenSet>;
        let (kind, left_out, shallow, brief, samples, only): (String, Names, Names, Names, Names, _) =
            answer.extract()?;
        self.rules.push(Rule {
            kind: Kind::named(&kind)?,
            left_out,
            shallow,
            brief,
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

    pub(super) fn kind(&mut self, value: &Bound<'_, PyAny>) -> PyResult<Kind> {
        let number = self.number(value)?;
        match self.rules[number].kind {
            Kind::Unsure if self.is_opaque.bind(value.py()).call1((value,))?.is_truthy()? => Ok(Kind::Opaque),
            Kind::Unsure => Ok(Kind::Identity),
            kind => Ok(kind),
        }
    }
}
