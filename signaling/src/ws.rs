//! The room's WebSocket.
