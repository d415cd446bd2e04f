//! Structural similarity, as x264 and FFmpeg's filter `ssim` compute it: over windows of 8 × 8 samples, each of four
//! blocks of 4 × 4, at distances of 4 samples. After Wang et al., "Image quality assessment: from error visibility to
//! structural similarity", 2004, with flat windows instead of Gaussian ones.

/// The samples of a window.
const WINDOW: f64 = 64.0;

/// Sums over a block of 4 × 4 samples of two planes.
#[derive(Clone, Copy, Default)]
struct Block {
    sums: [u64; 2],
    /// The sum of the squares of both.
    squares: u64,
    products: u64,
}

impl Block {
    fn plus(self, other: Self) -> Self {
        Self {
            sums: [self.sums[0] + other.sums[0], self.sums[1] + other.sums[1]],
            squares: self.squares + other.squares,
            products: self.products + other.products,
        }
    }
}

/// The sums of two planes, four rows at a time.
#[derive(Default)]
pub(super) struct Ssim {
    /// The number of blocks in a row.
    across: usize,
    /// All blocks, row by row.
    blocks: Vec<Block>,
}

impl Ssim {
    /// Resets the sums for planes of this size.
    pub(super) fn start(&mut self, width: usize, height: usize) {
        self.across = width / 4;
        self.blocks.clear();
        self.blocks.reserve(self.across * (height / 4));
    }

    /// Adds the next four rows of both planes.
    pub(super) fn add_blocks(&mut self, one: &[u16], other: &[u16], width: usize) {
        let start = self.blocks.len();
        self.blocks.resize(start + self.across, Block::default());
        for (one, other) in one.chunks_exact(width).zip(other.chunks_exact(width)) {
            let quarters = one.chunks_exact(4).zip(other.chunks_exact(4));
            for (block, (a, b)) in self.blocks[start..].iter_mut().zip(quarters) {
                for (a, b) in a.iter().zip(b) {
                    let (a, b) = (u64::from(*a), u64::from(*b));
                    block.sums[0] += a;
                    block.sums[1] += b;
                    block.squares += a * a + b * b;
                    block.products += a * b;
                }
            }
        }
    }

    /// Returns the mean over all windows, for samples of `bits`; `None` if no window fits.
    pub(super) fn mean(&self, bits: u32) -> Option<f64> {
        let across = self.across;
        let down = self.blocks.len().checked_div(across)?;
        if across < 2 || down < 2 {
            return None;
        }
        let peak = f64::from((1_u32 << bits) - 1);
        // K₁ = 0.01 and K₂ = 0.03 of the paper, for sums instead of means, rounded as x264 rounds them.
        let c1 = (0.01 * 0.01 * peak * peak * WINDOW + 0.5).floor();
        let c2 = (0.03 * 0.03 * peak * peak * WINDOW * (WINDOW - 1.0) + 0.5).floor();
        let mut sum = 0.0;
        for (above, below) in self.blocks.chunks_exact(across).zip(self.blocks.chunks_exact(across).skip(1)) {
            for (above, below) in above.windows(2).zip(below.windows(2)) {
                sum += similarity(above[0].plus(above[1]).plus(below[0]).plus(below[1]), c1, c2);
            }
        }
        Some(sum / ((across - 1) * (down - 1)) as f64)
    }
}

fn similarity(window: Block, c1: f64, c2: f64) -> f64 {
    let [one, other] = window.sums.map(|sum| sum as f64);
    let variances = window.squares as f64 * WINDOW - one * one - other * other;
    let covariance = window.products as f64 * WINDOW - one * other;
    (2.0 * one * other + c1) * (2.0 * covariance + c2) / ((one * one + other * other + c1) * (variances + c2))
}
