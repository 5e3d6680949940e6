//! A letter before it is sent.

use lettre::Address;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};

/// A letter to one person.
#[derive(Clone)]
pub(crate) struct Letter {
    /// To whom, by name.
    pub(crate) name: String,
    /// To which address.
    pub(crate) address: String,
    /// What it is about.
    pub(crate) subject: String,
    /// What it says: plain text.
    pub(crate) text: String,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither whom it is for nor what it says: a one-time code may be in it.
        f.write_str("Letter(…)")
    }
}

impl Letter {
    /// The letter as it goes over the wire. Names and subject are encoded as RFC 2047 says, so nothing in them begins a header.
    ///
    /// # Errors
    /// When the address is none.
    pub(super) fn written(&self, from: &Mailbox) -> anyhow::Result<Message> {
        let name = one_line(&self.name);
        let to = Mailbox::new(Some(name), self.address.parse()?);
        let message = Message::builder()
            .from(from.clone())
            .to(to)
            .subject(one_line(&self.subject))
            .header(ContentType::TEXT_PLAIN)
            .body(self.text.clone())?;
        Ok(message)
    }
}

/// Whether letters can be sent there: one address in ASCII, with neither a name nor blanks.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.len() <= 254 && text.is_ascii() && text.parse::<Address>().is_ok()
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(name: &str, subject: &str) -> String {
        let from = Mailbox::new(None, "diemcau@so.example.vn".parse().unwrap());
        let letter = Letter {
            name: name.to_owned(),
            address: "hoai@so.example.vn".to_owned(),
            subject: subject.to_owned(),
            text: "Kính gửi".to_owned(),
        };
        String::from_utf8(letter.written(&from).unwrap().formatted()).unwrap()
    }

    #[test]
    fn no_name_and_no_subject_begins_a_header() {
        for evil in [
            "Hoài\r\nBcc: all@so.example.vn",
            "Hoài\nBcc: all@so.example.vn",
            "\"Hoài\", <all@so.example.vn>",
            "Vi, Văn <Hoài>; all@so.example.vn",
            "a\u{85}Bcc: all@so.example.vn",
        ] {
            let written = sent(evil, evil);
            let (headers, _) = written.split_once("\r\n\r\n").unwrap();
            let names: Vec<&str> = headers
                .split("\r\n")
                .filter(|line| !line.starts_with([' ', '\t']))
                .filter_map(|line| line.split_once(':').map(|(name, _)| name))
                .collect();
            assert!(!names.contains(&"Bcc"), "{headers}");
            assert_eq!(names.iter().filter(|name| **name == "To").count(), 1);
            // One address, whatever the name says.
            let to = written.parse_to();
            assert_eq!(to.matches('@').count(), 1, "{to}");
            assert!(to.ends_with("<hoai@so.example.vn>"), "{to}");
        }
    }

    trait Parsed {
        fn parse_to(&self) -> String;
    }

    impl Parsed for String {
        /// The unfolded `To`, with what is quoted taken out.
        fn parse_to(&self) -> String {
            let unfolded = self.replace("\r\n ", " ");
            let mut lines = unfolded.split("\r\n");
            let to = lines.find(|line| line.starts_with("To: ")).unwrap();
            let mut quoted = false;
            to.chars()
                .filter(|c| {
                    quoted ^= *c == '"';
                    !quoted && *c != '"'
                })
                .collect()
        }
    }

    #[test]
    fn address_is_one_address_and_nothing_else() {
        for good in ["hoai@so.example.vn", "hoai.vi+hop@so.example.vn"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "hoai",
            "hoai@",
            "@so.example.vn",
            "a@b.vn, c@d.vn",
            "Hoài <hoai@so.example.vn>",
            "hoai@so.example.vn\r\nBcc: a@b.vn",
            "hoài@so.example.vn",
            "hoai @so.example.vn",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
