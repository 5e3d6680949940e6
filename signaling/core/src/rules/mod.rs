//! The rules of a room. A rule set is a struct that owns its state: its fields are private, `apply` takes events of the
//! journal into it, `handle` decides on commands, `Audited` says what the audit log calls them, and `deadline` when it has
//! something to do by itself.
//!
//! Anybody may ask a rule set anything. What a rule set *does* to another goes one way: each decides only by those before
//! it in this list; a test of the workspace (`tests/house.rs`) reads it and holds that.
//!
//! | Rule set | What it decides |
//! |---|---|
//! | `hand` | Raised hands, and what about |
//! | `chat` | Lines, and how many of them |
//! | `media` | Negotiation, and what each wants to receive; remembers nothing |
//! | `microphone` | Four facts about each microphone, and the SFU's gate |
//! | `picture` | Cameras, the shared screen and for whom it is kept, the broadcast |
//! | `floor` | Turns: whom they open, mute and give back, when they end, who is next |
//! | `recording` | Whether it runs |
//! | `session` | Begin and end, and the preset by which rights are shared out |
//! | `viewers` | Anonymous viewers, counted |
//! | `chair` | Who holds the chair, of those with a right to it or by its being handed on, and whether it is away |
//! | `roster` | Who is here: arrival, departure, held seats, removal |

pub(crate) mod chair;
pub(crate) mod chat;
pub(crate) mod floor;
pub(crate) mod hand;
pub(crate) mod media;
pub(crate) mod microphone;
pub(crate) mod picture;
pub(crate) mod recording;
pub(crate) mod roster;
pub(crate) mod session;
pub(crate) mod viewers;

use protocol::client::Refusal;

/// What a command came to.
pub(crate) type Outcome = Result<(), Refusal>;
