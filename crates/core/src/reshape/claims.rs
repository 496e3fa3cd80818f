//! Which columns want the same name.

use super::error::ReshapeError;
use super::names::{Fate, Names};

/// Who has wanted the name of each rename last: the column that is renamed to it, or one that has
/// it and stays. No record may have both.
#[derive(Debug)]
pub(super) struct Claims<'n> {
    names: &'n Names,
    of_rename: Vec<Claim>,
}

/// The numbers of the last records that have had each of the two columns.
#[derive(Clone, Debug, Default)]
struct Claim {
    renamed: Option<usize>,
    stays: Option<usize>,
}

impl<'n> Claims<'n> {
    pub(super) fn new(names: &'n Names) -> Self {
        let of_rename = vec![Claim::default(); names.renames()];
        Self { names, of_rename }
    }

    /// Notes a column that a record has.
    #[inline]
    pub(super) fn note(&mut self, record: usize, fate: Fate) -> Result<(), ReshapeError> {
        match fate {
            Fate::Renamed(index) => self.claim(index, |claim| claim.renamed = Some(record)),
            Fate::Stays {
                contested: Some(index),
            } => self.claim(index, |claim| claim.stays = Some(record)),
            Fate::Stays { contested: None } | Fate::Collected | Fate::LeftOut => Ok(()),
        }
    }

    fn claim(&mut self, index: usize, claim: impl FnOnce(&mut Claim)) -> Result<(), ReshapeError> {
        let (Some(of), Some(rename)) = (self.of_rename.get_mut(index), self.names.rename(index))
        else {
            return Ok(());
        };
        claim(of);
        if of.renamed != of.stays {
            return Ok(());
        }
        Err(ReshapeError::Taken {
            column: rename.old.clone(),
            name: rename.new.clone(),
        })
    }
}
