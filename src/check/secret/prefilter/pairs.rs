//! How often bytes follow each other in text: by which a group of four bytes is told to let much
//! through, or little. Asked when the table of [`super::shares`] is made, and not by a scan.

use super::lanes::{PRINT, Way};
use super::shares::Group;

/// Counts of pairs of bytes of ASCII, capitals as small letters.
#[derive(Debug)]
pub(super) struct Pairs {
    bytes: Vec<u8>,
    /// The share of each byte.
    share: Vec<f64>,
    /// For each byte, what share of the bytes behind it each is.
    next: Vec<Vec<f64>>,
}

impl Pairs {
    /// Reads a line for each byte, in hexadecimal, with how often each of them follows it, in their
    /// order.
    pub(super) fn parse(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| {
            let (byte, counts) = line.split_once(' ')?;
            let counts = counts.split(' ').map(|count| count.parse().ok());
            Some((
                u8::from_str_radix(byte, 16).ok()?,
                counts.collect::<Option<Vec<f64>>>()?,
            ))
        });
        let (bytes, counts): (Vec<u8>, Vec<Vec<f64>>) = lines.unzip();
        let sums: Vec<f64> = counts.iter().map(|row| row.iter().sum()).collect();
        let all: f64 = sums.iter().sum();
        let next = counts.iter().zip(&sums).map(|(row, sum)| {
            // Of a byte that is never seen nothing follows.
            row.iter().map(|count| count / sum.max(1.0)).collect()
        });
        Self {
            next: next.collect(),
            share: sums.iter().map(|sum| sum / all.max(1.0)).collect(),
            bytes,
        }
    }

    /// How many of a million places in text a group lets through, about.
    pub(super) fn cost(&self, group: &Group, way: Way) -> f64 {
        let admitted = |place: usize| {
            let bytes = self.bytes.iter().enumerate();
            let bytes = bytes.filter(|(_, byte)| group.admits(way, place, **byte));
            bytes.map(|(number, _)| number).collect::<Vec<usize>>()
        };
        let share = |number: &usize| self.share.get(*number).copied().unwrap_or(0.0);
        let mut before: Vec<(usize, f64)> = admitted(0)
            .iter()
            .map(|number| (*number, share(number)))
            .collect();
        for place in 1..PRINT {
            let follows = |number: usize| {
                let of = |(before, share): &(usize, f64)| {
                    let next = self.next.get(*before).and_then(|row| row.get(number));
                    share * next.copied().unwrap_or(0.0)
                };
                (number, before.iter().map(of).sum())
            };
            before = admitted(place).into_iter().map(follows).collect();
        }
        before.iter().map(|(_, share)| share).sum::<f64>() * 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::super::shares::Group;
    use super::{Pairs, Way};

    #[test]
    fn a_group_lets_through_what_follows_each_other() {
        // Of four bytes three are `a`, and `b` stands behind `a` alone.
        let pairs = Pairs::parse("61 2 1\n62 1 0\n");
        let group = |words: &[&[u8; 4]]| {
            let none = Group::default();
            words
                .iter()
                .fold(none, |group, word| group.with(word.map(Some)))
        };
        for way in Way::ALL {
            let cost = |words: &[&[u8; 4]]| pairs.cost(&group(words), way);
            assert!((cost(&[b"aaab"]) - 0.75e6 * 4.0 / 27.0).abs() < 1.0);
            assert!(cost(&[b"abba"]).abs() < 1e-9);
            assert!((cost(&[b"aaaa", b"bbbb"]) - 1e6).abs() < 1e-3);
        }
        assert!(Pairs::parse("").cost(&Group::default(), Way::Six).abs() < 1e-9);
    }
}
