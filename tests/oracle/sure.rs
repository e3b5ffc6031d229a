//! `at P`, a second time: blocks, weights and noise by the rules, and probabilities by adding up areas. Naive on purpose.

use super::judge::Word;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// 1 − P.
    pub error: f64,
    pub series: usize,
    pub is_early: bool,
    pub high_is_bad: bool,
    pub median: bool,
    /// Points of the grid.
    pub points: usize,
    /// The bound: a + m times the control.
    pub a: f64,
    pub m: f64,
}

/// A position on the grid, the canary's value there, and the control's.
pub type Pair = (usize, f64, Option<f64>);

#[expect(clippy::cast_precision_loss, reason = "small counts")]
pub fn shown(asked: &Asked, pairs: &[Pair]) -> Word {
    if pairs.len() < 48 {
        return None;
    }
    let mut blocks: Vec<(f64, f64)> = Vec::new();
    for block in 0..12 {
        let inside = || {
            pairs
                .iter()
                .filter(|(at, _, _)| 12 * at / asked.points == block)
        };
        let canary = centre(asked.median, inside().map(|pair| pair.1).collect());
        let control = centre(asked.median, inside().filter_map(|pair| pair.2).collect());
        let Some(canary) = canary else { continue };
        let (value, bound, sizes) = match control {
            Some(control) if asked.m != 0.0 && asked.m != 1.0 => {
                if control <= 0.0 {
                    continue;
                }
                (canary / control, asked.m, [asked.m, 0.0])
            }
            Some(control) => {
                let scaled = asked.m * control;
                (canary, asked.a + scaled, [asked.a, scaled])
            }
            None => (canary, asked.a, [asked.a, 0.0]),
        };
        let size = sizes
            .iter()
            .fold(value.abs(), |size, one| size.max(one.abs()));
        let d = value - bound;
        let d = if d.is_finite() && d.abs() <= 1e-12 * size {
            0.0
        } else {
            d
        };
        let d = if asked.high_is_bad { d } else { -d };
        blocks.push((inside().count() as f64, d));
    }
    if blocks.len() < 8 || blocks.iter().any(|(_, d)| !d.is_finite()) {
        return None;
    }
    let t = t_of(&blocks);
    let degrees = blocks.len() - 1;
    let early = if asked.is_early { 50.0 } else { 1.0 };
    if area(-t, degrees) <= asked.error {
        Some(true)
    } else if area(t, degrees) <= asked.error / asked.series as f64 / early {
        Some(false)
    } else {
        None
    }
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn centre(median: bool, mut values: Vec<f64>) -> Option<f64> {
    let count = values.len();
    if count == 0 {
        return None;
    }
    if !median {
        return Some(values.iter().sum::<f64>() / count as f64);
    }
    values.sort_by(f64::total_cmp);
    Some(f64::midpoint(values[(count - 1) / 2], values[count / 2]))
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn t_of(blocks: &[(f64, f64)]) -> f64 {
    let count = blocks.len() as f64;
    let weights: f64 = blocks.iter().map(|(w, _)| w).sum();
    let mean = blocks.iter().map(|(w, d)| w * d).sum::<f64>() / weights;
    let largest = blocks.iter().map(|(_, d)| d.abs()).fold(0.0, f64::max);
    if blocks
        .iter()
        .all(|(_, d)| (d - mean).abs() <= 1e-12 * largest)
    {
        return if mean == 0.0 {
            0.0
        } else {
            f64::INFINITY.copysign(mean)
        };
    }
    let g: Vec<f64> = blocks.iter().map(|(w, d)| w * (d - mean)).collect();
    let squares: f64 = g.iter().map(|one| one * one).sum();
    let neighbours: f64 = g.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let rho = ((count * neighbours / squares + 1.0) / (count - 4.0)).clamp(0.0, 0.8);
    let variance = count / (count - 1.0) * squares / (weights * weights);
    mean / (variance * (1.0 + rho) / (1.0 - rho)).sqrt()
}

/// P(T > t): with x = √ν tan θ the density is cos^(ν − 1) θ.
#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn area(t: f64, degrees: usize) -> f64 {
    let nu = degrees as f64;
    let quarter = std::f64::consts::FRAC_PI_2;
    let power = i32::try_from(degrees - 1).expect("small");
    let between = |from: f64, to: f64| {
        let steps = 600;
        let width = (to - from) / f64::from(steps);
        let each = |step: i32| {
            let height = (from + width * f64::from(step)).cos().powi(power);
            let weight = match step {
                0 => 1.0,
                last if last == steps => 1.0,
                odd if odd % 2 == 1 => 4.0,
                _ => 2.0,
            };
            weight * height
        };
        (0..=steps).map(each).sum::<f64>() * width / 3.0
    };
    between((t / nu.sqrt()).atan(), quarter) / (2.0 * between(0.0, quarter))
}
