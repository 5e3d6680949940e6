//! What lets participants in: tokens given one by one, in a file, or made by a command.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};
use protocol::client::SessionRole;
use serde::Deserialize;

/// One line of a tokens file.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    /// Whose it is; the participant that takes it bears this name.
    #[serde(default)]
    pub name: Option<String>,
    /// What it lets its holder be; absent fits every role.
    #[serde(default)]
    pub role: Option<SessionRole>,
    /// The session it is for, when a measurement needs several; others never take it.
    #[serde(default)]
    pub session: Option<String>,
    /// The bearer token.
    pub token: String,
}

/// Where tokens come from, in this order: those that are known, then the command.
#[derive(Debug, Default)]
pub struct Tokens {
    entries: Vec<Entry>,
    command: Option<Vec<String>>,
}

impl Tokens {
    /// Adds bare tokens, which fit every role.
    pub fn add(&mut self, tokens: impl IntoIterator<Item = String>) {
        self.entries.extend(tokens.into_iter().map(|token| Entry {
            name: None,
            role: None,
            session: None,
            token,
        }));
    }

    /// Adds the tokens of a file: one JSON object a line with `token` and, optionally, `name` and `role`.
    ///
    /// # Errors
    /// When the file cannot be read or a line is not such an object.
    pub fn add_file(&mut self, path: &Path) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let entry = serde_json::from_str(line)
                .with_context(|| format!("line {} of {}", index + 1, path.display()))?;
            self.entries.push(entry);
        }
        Ok(())
    }

    /// Makes the tokens that are missing with this command, in which `{name}` and `{role}` are replaced. It is split at
    /// blanks and run without a shell; the token is the last line that it prints.
    pub fn make_with(&mut self, command: &str) {
        self.command = Some(command.split_whitespace().map(str::to_owned).collect());
    }

    /// Takes a token for this role; `name` is for one that has to be made. The result has the holder's name.
    ///
    /// # Errors
    /// When there is none left and no command, or the command fails.
    pub fn take(&mut self, role: SessionRole, name: &str) -> anyhow::Result<(String, String)> {
        let entries = || self.entries.iter();
        let exact = entries().position(|entry| entry.role == Some(role) && entry.session.is_none());
        let any = || entries().position(|entry| entry.role.is_none() && entry.session.is_none());
        if let Some(index) = exact.or_else(any) {
            let entry = self.entries.remove(index);
            return Ok((entry.name.unwrap_or_else(|| name.to_owned()), entry.token));
        }
        let role = role_name(role);
        let Some(command) = &self.command else {
            bail!("there is no token left for {name}, who needs the role {role}");
        };
        let words = command
            .iter()
            .map(|word| word.replace("{name}", name).replace("{role}", &role));
        let token = run(words.collect())?;
        Ok((name.to_owned(), token))
    }
}

impl Tokens {
    /// The further sessions that tokens are for, in the order of their first token.
    #[must_use]
    pub fn sessions(&self) -> Vec<String> {
        let mut sessions = Vec::new();
        for session in self
            .entries
            .iter()
            .filter_map(|entry| entry.session.as_ref())
        {
            if !sessions.contains(session) {
                sessions.push(session.clone());
            }
        }
        sessions
    }

    /// Takes a token for this role in a further session.
    ///
    /// # Errors
    /// When there is none left.
    pub fn take_in(&mut self, session: &str, role: SessionRole) -> anyhow::Result<String> {
        let mut entries = self.entries.iter();
        let fits = |entry: &Entry| {
            entry.session.as_deref() == Some(session) && entry.role.is_none_or(|has| has == role)
        };
        let found = entries.position(fits).with_context(|| {
            let role = role_name(role);
            format!("there is no token left for the role {role} in session {session}")
        })?;
        Ok(self.entries.remove(found).token)
    }
}

/// The role's name on the wire.
fn role_name(role: SessionRole) -> String {
    let name = serde_json::to_value(role).ok();
    let name = name.as_ref().and_then(|name| name.as_str());
    name.unwrap_or_default().to_owned()
}

fn run(words: Vec<String>) -> anyhow::Result<String> {
    let [program, arguments @ ..] = words.as_slice() else {
        bail!("the token command is empty");
    };
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    ensure!(
        output.status.success(),
        "the token command failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let printed = String::from_utf8(output.stdout)?;
    let token = printed.lines().next_back().unwrap_or_default().trim();
    ensure!(!token.is_empty(), "the token command printed nothing");
    Ok(token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_further_sessions_are_taken_there_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let lines = "{\"session\":\"B\",\"role\":\"viewer\",\"token\":\"b\"}\n\
            {\"session\":\"A\",\"role\":\"point\",\"token\":\"a\"}\n{\"role\":\"point\",\"token\":\"c\"}\n";
        std::fs::write(&path, lines).unwrap();
        let mut tokens = Tokens::default();
        tokens.add_file(&path).unwrap();
        assert_eq!(tokens.sessions(), ["B", "A"]);
        assert_eq!(tokens.take(SessionRole::Point, "x").unwrap().1, "c");
        assert!(tokens.take(SessionRole::Point, "x").is_err());
        assert!(tokens.take_in("A", SessionRole::Viewer).is_err());
        assert_eq!(tokens.take_in("A", SessionRole::Point).unwrap(), "a");
        assert_eq!(tokens.sessions(), ["B"]);
    }

    #[test]
    fn each_role_gets_its_own_tokens_and_bare_ones_fit_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let lines = "{\"name\":\"Sở\",\"role\":\"chair\",\"token\":\"a\"}\n\n{\"role\":\"point\",\"token\":\"b\"}\n";
        std::fs::write(&path, lines).unwrap();
        let mut tokens = Tokens::default();
        tokens.add_file(&path).unwrap();
        tokens.add(["c".to_owned()]);
        let take = |tokens: &mut Tokens, role| tokens.take(role, "x").unwrap();
        assert_eq!(
            take(&mut tokens, SessionRole::Point),
            ("x".into(), "b".into())
        );
        assert_eq!(
            take(&mut tokens, SessionRole::Point),
            ("x".into(), "c".into())
        );
        assert_eq!(
            take(&mut tokens, SessionRole::Chair),
            ("Sở".into(), "a".into())
        );
        let error = tokens.take(SessionRole::Viewer, "an").unwrap_err();
        assert!(error.to_string().contains("an, who needs the role viewer"));
    }

    #[test]
    fn missing_tokens_are_made_by_the_command() {
        let mut tokens = Tokens::default();
        tokens.make_with("echo for-{name}-as-{role}");
        let made = tokens.take(SessionRole::Viewer, "an").unwrap();
        assert_eq!(made, ("an".into(), "for-an-as-viewer".into()));
        tokens.make_with("false");
        assert!(tokens.take(SessionRole::Viewer, "an").is_err());
    }

    #[test]
    fn a_bad_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        std::fs::write(&path, "{\"token\":\"a\"}\nnonsense\n").unwrap();
        let error = Tokens::default().add_file(&path).unwrap_err();
        assert!(format!("{error:#}").contains("line 2"));
    }
}
