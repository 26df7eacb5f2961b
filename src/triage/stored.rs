//! A finding with its verdict in a run.

use std::mem::size_of;
use std::sync::Arc;

use crate::model::{Finding, Instant, When};
use crate::store::{Reader, Stored, Writer};

use super::{Acceptance, Acceptor, Judged, Verdict};

impl Stored for Judged {
    fn weight(&self) -> usize {
        let by = match &*self.verdict {
            Verdict::Open => 0,
            Verdict::Accepted(by) | Verdict::Lapsed(by) => {
                size_of::<Verdict>() + by.reason.len() + by.owner.as_ref().map_or(0, String::len)
            }
        };
        size_of::<Self>() + self.finding.weight() + by
    }

    fn store(&self, to: &mut Writer<'_>) {
        self.finding.store(to);
        match &*self.verdict {
            Verdict::Open => to.number(0),
            Verdict::Accepted(by) => {
                to.number(1);
                store_acceptance(to, by);
            }
            Verdict::Lapsed(by) => {
                to.number(2);
                store_acceptance(to, by);
            }
        }
    }

    fn load(from: &mut Reader<'_>) -> Option<Self> {
        let finding = Box::new(Finding::load(from)?);
        let verdict = match from.number()? {
            0 => Verdict::open(),
            1 => Arc::new(Verdict::Accepted(load_acceptance(from)?)),
            2 => Arc::new(Verdict::Lapsed(load_acceptance(from)?)),
            _ => return None,
        };
        Some(Self { finding, verdict })
    }
}

fn store_acceptance(to: &mut Writer<'_>, by: &Acceptance) {
    match &by.by {
        Acceptor::Waiver(id) => {
            to.number(0);
            to.word(id);
        }
        Acceptor::Baseline => to.number(1),
        Acceptor::Commit(id) => {
            to.number(2);
            to.word(id);
        }
    }
    to.option(by.owner.as_deref(), Writer::word);
    to.word(&by.reason);
    to.option(
        match by.expires {
            When::Known(end) => Some(end.seconds()),
            When::Never => None,
        },
        Writer::signed,
    );
}

fn load_acceptance(from: &mut Reader<'_>) -> Option<Acceptance> {
    Some(Acceptance {
        by: match from.number()? {
            0 => Acceptor::Waiver(from.word()?.as_ref().to_owned()),
            1 => Acceptor::Baseline,
            2 => Acceptor::Commit(from.word()?.as_ref().to_owned()),
            _ => return None,
        },
        owner: from.option(|from| Some(from.word()?.as_ref().to_owned()))?,
        reason: from.word()?.as_ref().to_owned(),
        expires: from
            .option(Reader::signed)?
            .map_or(When::Never, |end| When::Known(Instant::from_seconds(end))),
    })
}
