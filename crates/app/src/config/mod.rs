//! Configuration: layers of settings, read into one struct, all faults told at once.

mod env_texts;
mod exposed;
mod faults;
mod flags;
mod layers;
mod nearer;
mod places;
mod secret;
mod settings;
mod texts;
mod units;

pub(crate) use faults::{ConfigFault, ConfigFaults, nearest};
pub(crate) use flags::in_settings;
pub(crate) use layers::{Loaded, load};
pub(crate) use places::Places;
pub(crate) use secret::Secret;
pub(crate) use settings::{
    AuthSettings, ColumnSettings, CsvSettings, DestinationSettings, ObjectSettings,
    OnCompleteSettings, Settings, StreamSettings,
};
