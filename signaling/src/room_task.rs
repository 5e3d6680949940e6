//! One task per live room.
