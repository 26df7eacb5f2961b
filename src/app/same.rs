//! Findings of one fingerprint, on their way to be one.

use crate::model::{Finding, Fingerprint};

/// Findings of one fingerprint in their order. Neighbours that hold equally much meet, so that a
/// million of them cost little more than a million, and no more is held than one has places.
#[derive(Debug, Default)]
pub(super) struct Same(Vec<Part>);

#[derive(Debug)]
struct Part {
    /// How often as many as there were have met.
    rank: u32,
    finding: Finding,
}

impl Same {
    /// The fingerprint, if there is a finding.
    pub(super) fn fingerprint(&self) -> Option<Fingerprint> {
        self.0.first().map(|part| part.finding.fingerprint)
    }

    /// Takes the next.
    pub(super) fn add(&mut self, finding: Finding) {
        let mut last = Part { rank: 0, finding };
        while let Some(before) = self.0.pop_if(|before| before.rank == last.rank) {
            last = Part {
                rank: last.rank + 1,
                finding: before.finding.merge(last.finding),
            };
        }
        self.0.push(last);
    }

    /// All of them as one, and nothing left.
    pub(super) fn take(&mut self) -> Option<Finding> {
        let parts = std::mem::take(&mut self.0).into_iter().rev();
        parts
            .map(|part| part.finding)
            .reduce(|later, earlier| earlier.merge(later))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Same;
    use crate::model::{Finding, Location, Region, ScanPath};

    fn at(line: u32) -> Finding {
        Finding {
            location: Location {
                path: ScanPath::new(Path::new("a")),
                region: Region::line(line),
            },
            ..Finding::bare("r")
        }
    }

    #[test]
    fn any_number_is_one_with_all_their_places_and_few_are_held() {
        for count in [1, 2, 3, 7, 64, 1_001] {
            let mut same = Same::default();
            for line in 1..=count {
                same.add(at(line));
                assert!(same.0.len() <= 11);
            }
            let one = same.take().unwrap();
            assert_eq!(one.location.region.start_line, 1);
            let lines = one.places.iter().map(|place| place.region.start_line);
            assert!(lines.eq(2..=count), "{count}");
            assert!(same.take().is_none());
        }
    }
}
