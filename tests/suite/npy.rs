//! Makes `.npy` files whose samples depend on their position, and the expected pixels.

/// An array of frames, rows, columns and channels. Its shape may lack some of these axes.
pub(crate) struct Array {
    pub(crate) dtype: &'static str,
    pub(crate) fortran_order: bool,
    pub(crate) shape: &'static [usize],
}

impl Array {
    /// Returns the numbers of frames, rows, columns and channels.
    pub(crate) fn lengths(&self) -> [usize; 4] {
        match *self.shape {
            [rows, columns] => [1, rows, columns, 1],
            [rows, columns, channels @ (1 | 3 | 4)] => [1, rows, columns, channels],
            [frames, rows, columns] => [frames, rows, columns, 1],
            [frames, rows, columns, channels] => [frames, rows, columns, channels],
            _ => panic!("{:?}", self.shape),
        }
    }

    /// Returns the file that NumPy would save.
    pub(crate) fn file(&self) -> Vec<u8> {
        let [frames, rows, columns, channels] = self.lengths();
        let mut file = header(self.dtype, self.fortran_order, self.shape);
        let mut put = |frame, row, column, channel| {
            file.extend(self.sample([frame, row, column, channel]));
        };
        let count = frames * rows * columns * channels;
        for number in 0..count {
            if self.fortran_order {
                let (frame, rest) = (number % frames, number / frames);
                let (row, rest) = (rest % rows, rest / rows);
                put(frame, row, rest % columns, rest / columns);
            } else {
                let (channel, rest) = (number % channels, number / channels);
                let (column, rest) = (rest % columns, rest / columns);
                put(rest / rows, rest % rows, column, channel);
            }
        }
        file
    }

    /// Returns the value of a sample as an integer of the pixel's bit depth.
    fn value(&self, place: [usize; 4]) -> u16 {
        let mixed = place.iter().fold(7_u32, |hash, index| (hash ^ *index as u32).wrapping_mul(0x9e37_79b1));
        let mixed = mixed ^ (mixed >> 15);
        let most = if self.bits() == 8 { 255 } else { 65_535 };
        let is_extreme = self.dtype == "|b1" || place[3] == 3;
        match (is_extreme, &self.dtype[1..]) {
            (true, _) => most * (mixed & 1) as u16,
            // Use only the multiples of 1/1024, which a half float represents exactly.
            (_, "f2") => (f64::from(mixed % 1_025) / 1_024.0 * 65_535.0 + 0.5) as u16,
            _ => mixed as u16 & most,
        }
    }

    fn sample(&self, place: [usize; 4]) -> Vec<u8> {
        let value = self.value(place);
        let part = f64::from(value) / 65_535.0;
        let mut bytes = match &self.dtype[1..] {
            "b1" => vec![u8::from(value > 0)],
            "u1" => vec![value as u8],
            "u2" => value.to_le_bytes().to_vec(),
            "f2" => half((part * 1_024.0).round() as u16).to_le_bytes().to_vec(),
            "f4" => (part as f32).to_le_bytes().to_vec(),
            "f8" => part.to_le_bytes().to_vec(),
            other => panic!("{other}"),
        };
        if self.dtype.starts_with('>') {
            bytes.reverse();
        }
        bytes
    }

    pub(crate) fn bits(&self) -> u32 {
        if matches!(self.dtype, "|u1" | "|b1") { 8 } else { 16 }
    }

    /// Returns each frame's expected pixels as gray or RGB of `bits` bits. Transparent pixels are white. Alpha is
    /// always 0 or 1.
    pub(crate) fn pixels(&self) -> Vec<Vec<u8>> {
        let [frames, rows, columns, channels] = self.lengths();
        let frame = |frame| {
            let mut pixels = Vec::new();
            for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
                let is_clear = channels == 4 && self.value([frame, row, column, 3]) == 0;
                for channel in 0..channels.min(3) {
                    let value = if is_clear { u16::MAX } else { self.value([frame, row, column, channel]) };
                    pixels.extend(&value.to_le_bytes()[..self.bits() as usize / 8]);
                }
            }
            pixels
        };
        (0..frames).map(frame).collect()
    }
}

/// Returns a header of version 1.0 with NumPy's padding.
pub(crate) fn header(dtype: &str, fortran_order: bool, shape: &[usize]) -> Vec<u8> {
    let order = if fortran_order { "True" } else { "False" };
    let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
    let text = format!("{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': ({}), }}", lengths.join(", "));
    let text = format!("{text:<117}\n");
    [b"\x93NUMPY\x01\0", &(text.len() as u16).to_le_bytes()[..], text.as_bytes()].concat()
}

/// Returns the bits of the half float `number` / 1024.
fn half(number: u16) -> u16 {
    let Some(exponent) = number.checked_ilog2() else { return 0 };
    ((exponent as u16 + 5) << 10) | ((number << (10 - exponent)) & 0x3ff)
}
