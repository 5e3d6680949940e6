//! WHIP: media in (RFC 9725).
