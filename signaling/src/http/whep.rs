//! WHEP: media out (draft-ietf-wish-whep).
