//! Events in columns, sessions over them.
//!
//! Readers put events into [`batch::Batch`]es, one for each owner; the owner's [`partition::Partition`] takes
//! the batches in and builds the sessions. A partition owns whole users, and so whole sessions: answers are
//! computed on each partition alone and merged.

pub mod batch;
pub mod column;
pub mod dictionary;
pub mod events;
pub mod nameless;
pub mod partition;
pub mod sample;
pub mod sessions;

pub use batch::{Batch, owner_of};
pub use dictionary::Dictionary;
pub use partition::Partition;
pub use sample::Sample;
pub use sessions::{Building, Session, Sessions};
