//! How common four bytes are in text: by which of its bytes a word is looked for. Asked when the table
//! of [`super::shares`] is made, and not by a scan, which takes the bytes that the table has.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::lanes::PRINT;
use super::literals::{fours, rarity};
use super::marks::window;
use crate::model::unhex;

/// Counts of four bytes, folded, for each million places in text.
#[derive(Debug)]
pub(super) struct Common(HashMap<u32, f64>);

/// What it costs to look for four bytes more, as so many places in a million: others are marked by
/// chance then.
const ONE_MORE: f64 = 10.0;

/// The share of places at which a byte stands, about.
const BYTE: f64 = 0.03;

impl Common {
    /// Reads lines of four bytes, in hexadecimal, and their count. A word of a rule that was written
    /// since they were counted is judged by its letters.
    pub(super) fn parse(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| {
            let (bytes, count) = line.split_once(' ')?;
            let four = unhex(bytes)?.try_into().ok()?;
            Some((window(four), count.parse().ok()?))
        });
        Self(lines.collect())
    }

    fn count(&self, four: &[u8; PRINT]) -> f64 {
        let counted = self.0.get(&window(*four)).copied();
        counted.unwrap_or_else(|| {
            let bits = f64::from(rarity(four)) / 16.0;
            1e6 * BYTE * (-bits).exp2()
        })
    }

    /// Four bytes of each word that has as many, so that all are found in few places: again and again
    /// those that cost least for each word that they tell of.
    pub(super) fn choose<'w>(&self, words: impl Iterator<Item = &'w [u8]>) -> HashSet<u32> {
        let mut left: Vec<&[u8]> = words.filter(|word| word.len() >= PRINT).collect();
        let mut chosen = HashSet::new();
        while !left.is_empty() {
            let mut words: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
            for word in &left {
                let fours: BTreeMap<u32, &[u8; PRINT]> =
                    fours(word).map(|four| (window(*four), four)).collect();
                for (key, four) in fours {
                    let entry = words.entry(key);
                    entry
                        .or_insert_with(|| (self.count(four) + ONE_MORE, 0.0))
                        .1 += 1.0;
                }
            }
            let each = |(cost, words): &(f64, f64)| cost / words;
            let best = words
                .iter()
                .min_by(|(a, one), (b, other)| each(one).total_cmp(&each(other)).then(a.cmp(b)));
            let Some((best, _)) = best else { break };
            chosen.insert(*best);
            left.retain(|word| !fours(word).any(|four| window(*four) == *best));
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::{Common, window};

    #[test]
    fn words_are_known_by_what_is_rare_and_what_they_share() {
        let common = Common::parse("6c696e6b 263.3\n706c696e 2.5\n70617373 5\n");
        let chosen = |words: &[&str]| {
            let mut chosen: Vec<String> = common
                .choose(words.iter().map(|word| word.as_bytes()))
                .into_iter()
                .map(|four| String::from_utf8(four.to_le_bytes().to_vec()).unwrap())
                .collect();
            chosen.sort();
            chosen
        };
        assert_eq!(chosen(&["plink"]), ["plin"]);
        assert_eq!(chosen(&["link", "pwd"]), ["link"]);
        // One that tells of two words, though each has a rarer one.
        assert_eq!(chosen(&["xpassz", "qpassy"]), ["pass"]);
        assert_eq!(common.count(b"LINK").to_bits(), 263.3_f64.to_bits());
        assert!(common.count(b"qxzj") < common.count(b"tion"));
        assert_eq!(window(*b"LINK"), u32::from_le_bytes(*b"link"));
    }
}
