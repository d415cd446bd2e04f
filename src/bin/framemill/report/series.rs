//! The data of the charts: a value of the frames over time, in bins if there are many.

use std::ops::Range;

use serde_json::{Value, json};

/// The largest number of bins in a chart; a screen has few more columns of pixels.
pub(super) const MAX_BINS: usize = 1_024;

/// Runs of frames of about the same length: one frame each for as long as possible.
pub(super) struct Bins {
    items: usize,
    count: usize,
}

impl Bins {
    pub(super) fn new(items: usize) -> Self {
        Self { items, count: items.min(MAX_BINS) }
    }

    /// Returns whether a bin has more than one frame.
    pub(super) fn merge(&self) -> bool {
        self.count < self.items
    }

    pub(super) fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let (items, count) = (self.items, self.count);
        (0..count).map(move |bin| bin * items / count..(bin + 1) * items / count)
    }

    /// Returns the `value` of each bin's first item.
    pub(super) fn firsts<T>(&self, items: &[T], value: impl Fn(&T) -> Value) -> Vec<Value> {
        self.ranges().filter_map(|range| items.get(range.start)).map(value).collect()
    }

    /// Returns the mean of each bin, and, if bins merge frames, its minimum and maximum; nothing if no item has a
    /// value.
    pub(super) fn line<T>(&self, items: &[T], decimals: i32, value: impl Fn(&T) -> Option<f64>) -> Option<Value> {
        let bins: Vec<Option<Bin>> = self
            .ranges()
            .map(|range| items.get(range).unwrap_or_default().iter().filter_map(&value).fold(None, Bin::with))
            .collect();
        bins.iter().any(Option::is_some).then(|| {
            let values = |value: fn(&Bin) -> f64| -> Vec<Value> {
                bins.iter()
                    .map(|bin| bin.as_ref().map_or(Value::Null, |bin| rounded(value(bin), decimals)))
                    .collect()
            };
            let mean = values(|bin| bin.sum / bin.count);
            match self.merge() {
                true => json!({"mean": mean, "low": values(|bin| bin.low), "high": values(|bin| bin.high)}),
                false => json!({"mean": mean}),
            }
        })
    }
}

struct Bin {
    count: f64,
    sum: f64,
    low: f64,
    high: f64,
}

impl Bin {
    fn with(bin: Option<Self>, value: f64) -> Option<Self> {
        let bin = bin.unwrap_or(Self { count: 0.0, sum: 0.0, low: value, high: value });
        Some(Self {
            count: bin.count + 1.0,
            sum: bin.sum + value,
            low: bin.low.min(value),
            high: bin.high.max(value),
        })
    }
}

/// Rounds the number to `decimals`, as short as JSON can write it.
pub(super) fn rounded(value: f64, decimals: i32) -> Value {
    let scale = 10_f64.powi(decimals);
    let value = (value * scale).round() / scale;
    if value.fract() == 0.0 && value.abs() < 1e15 { json!(value as i64) } else { json!(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_frames_get_one_bin_each() {
        let values = [Some(1.25), None, Some(3.0)];
        let line = Bins::new(3).line(&values, 1, |value| *value).expect("has values");
        assert_eq!(line, json!({"mean": [1.3, null, 3]}));
        assert_eq!(Bins::new(2).line(&[None, None], 1, |value: &Option<f64>| *value), None);
    }

    #[test]
    fn many_frames_keep_their_mean_and_their_range() {
        let values: Vec<f64> = (0..100_000).map(f64::from).collect();
        let bins = Bins::new(values.len());
        let line = bins.line(&values, 1, |value| Some(*value)).expect("has values");
        let lengths = ["mean", "low", "high"].map(|key| line[key].as_array().expect("an array").len());
        assert_eq!((lengths, bins.merge()), ([MAX_BINS; 3], true));
        assert_eq!((&line["low"][0], &line["mean"][0], &line["high"][0]), (&json!(0), &json!(48), &json!(96)));
        assert_eq!(line["high"][MAX_BINS - 1], json!(99_999));
        assert_eq!(bins.ranges().map(|range| range.len()).sum::<usize>(), 100_000);
        assert_eq!(bins.firsts(&values, |value| json!(value))[1], json!(97.0));
    }
}
