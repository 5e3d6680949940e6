//! What a letter that invites somebody says.

use protocol::UtcMicros;

use crate::access::codes::GOOD_FOR;
use crate::platform::catalogue;
use crate::platform::clock::said;
use crate::platform::mail::Letter;

/// The letter to somebody who is given this code. Its link fills in what the page of the first sign-in asks for: what stands after
/// `#` reaches no server by a look, and nothing is spent before a press.
pub(super) fn invitation(
    (name, address): (&str, &str),
    (server, login, code): (&str, &str, &str),
    now: UtcMicros,
) -> Letter {
    let until = said(now.plus(GOOD_FOR));
    let link = format!(
        "{server}/first#login={login}&code={}",
        code.replace(' ', "+")
    );
    Letter {
        name: name.to_owned(),
        address: address.to_owned(),
        subject: catalogue::INVITATION_SUBJECT.to_owned(),
        text: catalogue::invitation(name, server, login, code, &link, &until),
    }
}
