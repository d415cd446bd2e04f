//! The recorded state of everything that drawing artists reads, and which artists changed since.

use std::collections::HashMap;

use numpy::{PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyString, PyTuple};

use super::contents::{ArrayBytes, Content, Entries, Items, ReplaceableArray, Selected, Slots, StridedArray};
use super::rules::{Rules, Treatment, ValueKind};

/// How a value was reached: added by Python under a name, or as an attribute, key or item of another value.
enum Step {
    Added(String),
    Attribute(usize, Py<PyAny>),
    Key(usize, Py<PyAny>),
    Item(usize, usize),
    Base(usize),
    Bound(usize),
}

/// A value that can change.
struct Node {
    /// Keeps the value alive, so that no other value gets its address.
    object: Py<PyAny>,
    reached: Vec<usize>,
    owners: Vec<usize>,
    step: Step,
    /// Whether it cannot be watched.
    is_unwatchable: bool,
}

/// A value that was found.
struct Found<'py> {
    node: usize,
    object: Bound<'py, PyAny>,
    treatment: Treatment,
    left_out: Vec<String>,
}

/// Values that were found and still have to be inspected.
type ToInspect<'py> = Vec<Found<'py>>;

/// The state of artists and all values that they refer to, each with its owners, which Python numbers.
#[pyclass(module = "framemill._native")]
pub(crate) struct State {
    rules: Rules,
    nodes: Vec<Node>,
    /// The mutable parts, each with its node.
    contents: Vec<(usize, Content)>,
    slots: Slots,
    /// The nodes by address and treatment.
    known: HashMap<(usize, Treatment), usize>,
}

#[pymethods]
impl State {
    /// Makes an empty state. `rule_of(type)` returns `(kind, left_out, shallow, of_tick, samples, only)`.
    /// `parts_of(function)` returns what the function reads besides its arguments, or None if that is unknown.
    /// `free_side(tick)` returns the coordinate of a tick's parts that its axis does not write: "x", "y", or "" if it
    /// writes both. `written_by_axes` are the attributes of parts of ticks that are left out.
    #[new]
    fn new(
        rule_of: Py<PyAny>,
        parts_of: Py<PyAny>,
        free_side: Py<PyAny>,
        written_by_axes: Py<PyFrozenSet>,
    ) -> Self {
        Self {
            rules: Rules::new(rule_of, parts_of, free_side, written_by_axes),
            nodes: Vec::new(),
            contents: Vec::new(),
            slots: Slots::default(),
            known: HashMap::new(),
        }
    }

    /// Watches `object` and all values that it refers to for `owner`, except for the attributes that are left out.
    #[pyo3(signature = (owner, object, name, left_out=Vec::new()))]
    fn add(
        &mut self,
        owner: usize,
        object: &Bound<'_, PyAny>,
        name: String,
        left_out: Vec<String>,
    ) -> PyResult<()> {
        let mut search = Vec::new();
        let Some(root) = self.node(&mut search, object, Treatment::Deep, || Step::Added(name))? else {
            return Ok(());
        };
        if let Some(found) = search.last_mut() {
            found.left_out = left_out;
        }
        while let Some(next) = search.pop() {
            self.look_into(&mut search, &next)?;
        }
        self.own(owner, root);
        Ok(())
    }

    /// Watches some attributes of `object` for `owner`, including which values they refer to.
    fn add_attributes(
        &mut self,
        owner: usize,
        object: &Bound<'_, PyAny>,
        name: String,
        names: Vec<Bound<'_, PyString>>,
    ) -> PyResult<()> {
        let mut selected = Selected::new(&object.getattr("__dict__")?.cast_into()?);
        for name in names {
            selected.push(&name)?;
        }
        self.contents.push((self.nodes.len(), Content::Selected(selected)));
        self.nodes.push(Node {
            object: object.clone().unbind(),
            reached: Vec::new(),
            owners: vec![owner],
            step: Step::Added(name),
            is_unwatchable: false,
        });
        Ok(())
    }

    /// Returns the owners of changed values, each with the place of the first change, as in `axes.title._text`.
    fn changed(&mut self, py: Python<'_>) -> PyResult<Vec<(usize, String)>> {
        let mut changed: Vec<(usize, String)> = Vec::new();
        for at in 0..self.contents.len() {
            let (number, content) = &mut self.contents[at];
            let number = *number;
            let Some(name) = content.change(py, &mut self.rules, &mut self.slots)? else { continue };
            self.add_owners(&mut changed, number, || Ok(self.place(py, number)? + &name))?;
        }
        Ok(changed)
    }

    /// Returns the owners of values that cannot be watched, each with the place of the first.
    fn unwatchable(&self, py: Python<'_>) -> PyResult<Vec<(usize, String)>> {
        let mut found = Vec::new();
        for (number, node) in self.nodes.iter().enumerate() {
            if node.is_unwatchable {
                self.add_owners(&mut found, number, || self.place(py, number))?;
            }
        }
        Ok(found)
    }

    /// Returns the objects of a class that several owners depend on, with the owners.
    fn shared(&self, class: &Bound<'_, PyAny>) -> PyResult<Vec<(Py<PyAny>, Vec<usize>)>> {
        let py = class.py();
        let mut shared = Vec::new();
        for node in self.nodes.iter().filter(|node| node.owners.len() > 1) {
            if node.object.bind(py).is_instance(class)? {
                shared.push((node.object.clone_ref(py), node.owners.clone()));
            }
        }
        Ok(shared)
    }
}

impl State {
    /// Returns the node of a value, adding it if necessary; `None` if nothing in it can change.
    fn node<'py>(
        &mut self,
        search: &mut ToInspect<'py>,
        object: &Bound<'py, PyAny>,
        treatment: Treatment,
        step: impl FnOnce() -> Step,
    ) -> PyResult<Option<usize>> {
        let kind = self.rules.kind(object)?;
        let is_seen = !matches!(kind, ValueKind::Value | ValueKind::Identity);
        if !is_seen || (treatment == Treatment::Shallow && kind == ValueKind::Object) {
            return Ok(None);
        }
        let key = (object.as_ptr() as usize, treatment);
        if let Some(known) = self.known.get(&key) {
            return Ok(Some(*known));
        }
        let node = self.nodes.len();
        self.nodes.push(Node {
            object: object.clone().unbind(),
            reached: Vec::new(),
            owners: Vec::new(),
            step: step(),
            is_unwatchable: kind == ValueKind::Unwatchable,
        });
        self.known.insert(key, node);
        if kind != ValueKind::Unwatchable {
            search.push(Found { node, object: object.clone(), treatment, left_out: Vec::new() });
        }
        Ok(Some(node))
    }

    /// Records that a node refers to a value.
    fn reach<'py>(
        &mut self,
        search: &mut ToInspect<'py>,
        from: usize,
        value: &Bound<'py, PyAny>,
        treatment: Treatment,
        step: impl FnOnce() -> Step,
    ) -> PyResult<()> {
        if let Some(node) = self.node(search, value, treatment, step)? {
            self.nodes[from].reached.push(node);
        }
        Ok(())
    }

    fn look_into<'py>(&mut self, search: &mut ToInspect<'py>, found: &Found<'py>) -> PyResult<()> {
        match self.rules.kind(&found.object)? {
            ValueKind::Object => {
                let rule = self.rules.number(&found.object)?;
                let only: Vec<_> =
                    self.rules.rule(rule).only.iter().map(|name| name.bind(found.object.py()).clone()).collect();
                if only.is_empty() {
                    self.look_into_attributes(search, found)
                } else {
                    self.look_into_some(search, found, rule, only)
                }
            }
            ValueKind::Array => self.look_into_array(search, found),
            ValueKind::Sequence => self.look_into_items(search, found),
            ValueKind::Mapping => self.look_into_mapping(search, found),
            ValueKind::Function => self.look_into_function(search, found),
            ValueKind::Value | ValueKind::Identity | ValueKind::Unwatchable => Ok(()),
        }
    }

    fn look_into_mapping<'py>(&mut self, search: &mut ToInspect<'py>, found: &Found<'py>) -> PyResult<()> {
        let dictionary = found.object.cast::<PyDict>()?;
        let mut entries = Vec::with_capacity(dictionary.len());
        for (key, value) in dictionary.iter() {
            if found.treatment != Treatment::Shallow {
                let step = || Step::Key(found.node, key.clone().unbind());
                self.reach(search, found.node, &value, Treatment::Deep, step)?;
            }
            entries.push((key, Some(value)));
        }
        let entries = Entries::new(dictionary, None, entries, &mut self.slots);
        self.contents.push((found.node, Content::Entries(entries)));
        Ok(())
    }

    fn look_into_attributes<'py>(&mut self, search: &mut ToInspect<'py>, found: &Found<'py>) -> PyResult<()> {
        let Ok(attributes) = found.object.getattr("__dict__") else {
            // An object without a dictionary has state that is not visible.
            self.nodes[found.node].is_unwatchable = true;
            return Ok(());
        };
        let attributes = attributes.cast_into::<PyDict>()?;
        let rule = self.rules.number(&found.object)?;
        let mut entries = Vec::with_capacity(attributes.len());
        for (name, value) in attributes.iter() {
            let mut treatment = self.rules.rule(rule).treatment(&name)?;
            if let Treatment::OfTick(side) = found.treatment {
                treatment = self.rules.treatment_in_tick(side, &name, &attributes)?.unwrap_or(treatment);
            }
            if matches!(treatment, Treatment::OfTick(_)) {
                treatment = Treatment::OfTick(self.rules.free_side(&found.object)?);
            }
            if !found.left_out.is_empty() && found.left_out.contains(&name.to_string()) {
                treatment = Treatment::LeftOut;
            }
            if treatment == Treatment::Samples {
                let matrix = ReplaceableArray::new(&attributes, &name, &value)?;
                self.contents.push((found.node, Content::Replaceable(matrix)));
                treatment = Treatment::LeftOut;
            }
            if treatment == Treatment::LeftOut {
                entries.push((name, None));
            } else {
                let step = || Step::Attribute(found.node, name.clone().unbind());
                self.reach(search, found.node, &value, treatment, step)?;
                entries.push((name, Some(value)));
            }
        }
        let entries = Entries::new(&attributes, Some(rule), entries, &mut self.slots);
        self.contents.push((found.node, Content::Entries(entries)));
        Ok(())
    }

    fn look_into_function<'py>(&mut self, search: &mut ToInspect<'py>, found: &Found<'py>) -> PyResult<()> {
        let Some(parts) = self.rules.parts_of(&found.object)? else {
            self.nodes[found.node].is_unwatchable = true;
            return Ok(());
        };
        for part in parts {
            self.reach(search, found.node, &part, Treatment::Deep, || Step::Bound(found.node))?;
        }
        Ok(())
    }

    fn look_into_some<'py>(
        &mut self,
        search: &mut ToInspect<'py>,
        found: &Found<'py>,
        rule: usize,
        only: Vec<Bound<'py, PyString>>,
    ) -> PyResult<()> {
        let attributes = found.object.getattr("__dict__")?.cast_into::<PyDict>()?;
        let mut selected = Selected::new(&attributes);
        for name in only {
            let treatment = self.rules.rule(rule).treatment(&name)?;
            if treatment == Treatment::Samples {
                if let Some(array) = attributes.get_item(&name)? {
                    let matrix = ReplaceableArray::new(&attributes, &name, &array)?;
                    self.contents.push((found.node, Content::Replaceable(matrix)));
                }
            } else if let Some(value) = selected.push(&name)? {
                let step = || Step::Attribute(found.node, name.into_any().unbind());
                self.reach(search, found.node, &value, treatment, step)?;
            }
        }
        if !selected.is_empty() {
            self.contents.push((found.node, Content::Selected(selected)));
        }
        Ok(())
    }

    fn look_into_items<'py>(&mut self, search: &mut ToInspect<'py>, found: &Found<'py>) -> PyResult<()> {
        let items: Vec<Bound<'py, PyAny>> = found.object.try_iter()?.collect::<PyResult<_>>()?;
        if found.treatment != Treatment::Shallow {
            for (number, item) in items.iter().enumerate() {
                self.reach(search, found.node, item, Treatment::Deep, || Step::Item(found.node, number))?;
            }
        }
        if !found.object.is_exact_instance_of::<PyTuple>() {
            self.contents.push((found.node, Content::Items(Items::new(&found.object, items))));
        }
        Ok(())
    }

    fn look_into_array<'py>(&mut self, search: &mut ToInspect<'py>, found: &Found<'py>) -> PyResult<()> {
        let numpy = found.object.py().import("numpy")?;
        let plain = found.object.call_method1("view", (numpy.getattr("ndarray")?,))?;
        let plain = plain.cast_into::<PyUntypedArray>()?;
        if plain.dtype().getattr("hasobject")?.is_truthy()? {
            self.nodes[found.node].is_unwatchable = true;
            return Ok(());
        }
        // A masked array has its mask there.
        if found.object.hasattr("__dict__")? {
            self.look_into_attributes(search, found)?;
        }
        if plain.is_contiguous() && plain.dtype().itemsize() > 0 {
            self.contents.push((found.node, Content::Samples(ArrayBytes::new(&plain)?)));
            return Ok(());
        }
        let base = found.object.getattr("base")?;
        let nbytes = |array: &Bound<'py, PyAny>| -> PyResult<usize> { array.getattr("nbytes")?.extract() };
        if base.cast::<PyUntypedArray>().is_ok() && nbytes(&base)? <= 4 * nbytes(&found.object)? + 256 {
            // A view of a small array is compared with the whole array, once for all views.
            return self.reach(search, found.node, &base, Treatment::Deep, || Step::Base(found.node));
        }
        self.contents.push((found.node, Content::Strided(StridedArray::new(&plain)?)));
        Ok(())
    }

    /// Records that `owner` depends on a node and on everything that it reaches.
    fn own(&mut self, owner: usize, root: usize) {
        let mut next = vec![root];
        while let Some(number) = next.pop() {
            let node = &mut self.nodes[number];
            if !node.owners.contains(&owner) {
                node.owners.push(owner);
                next.extend(&node.reached);
            }
        }
    }

    /// Adds the owners of a node that are not in a list yet, each with a place.
    fn add_owners(
        &self,
        list: &mut Vec<(usize, String)>,
        number: usize,
        place: impl FnOnce() -> PyResult<String>,
    ) -> PyResult<()> {
        let new: Vec<usize> = self.nodes[number]
            .owners
            .iter()
            .filter(|owner| list.iter().all(|(known, _)| known != *owner))
            .copied()
            .collect();
        if !new.is_empty() {
            let place = place()?;
            list.extend(new.into_iter().map(|owner| (owner, place.clone())));
        }
        Ok(())
    }

    /// Returns the path of a node from the object that was added.
    fn place(&self, py: Python<'_>, number: usize) -> PyResult<String> {
        let mut steps = Vec::new();
        let mut at = Some(number);
        while let Some(number) = at {
            let (from, step) = match &self.nodes[number].step {
                Step::Added(name) => (None, name.clone()),
                Step::Attribute(from, name) => (Some(*from), format!(".{name}")),
                Step::Key(from, key) => (Some(*from), format!("[{}]", key.bind(py).repr()?)),
                Step::Item(from, number) => (Some(*from), format!("[{number}]")),
                Step::Base(from) | Step::Bound(from) => (Some(*from), String::new()),
            };
            steps.push(step);
            at = from;
        }
        steps.reverse();
        Ok(steps.concat())
    }
}
