//! Writes outcomes into `docs/benchmarks.md`: each figure between two markers of its own, the rest of the page untouched.

use std::fmt::Write as _;

use anyhow::Context;

use super::outcome::{Figure, Outcome, Row};
use super::rooms::MICROPHONES;
use crate::media::VOICE_PACKET_MS;

/// The page with these outcomes in place of the former ones of the same figures.
///
/// # Errors
/// When the page lacks the markers of a figure.
pub fn update(page: &str, outcomes: &[Outcome]) -> anyhow::Result<String> {
    let mut page = page.to_owned();
    let mut figures: Vec<Figure> = Vec::new();
    for outcome in outcomes {
        if !figures.contains(&outcome.figure) {
            figures.push(outcome.figure);
        }
    }
    for figure in figures {
        let of_figure: Vec<&Outcome> = outcomes.iter().filter(|o| o.figure == figure).collect();
        page = put(&page, &figure.to_string(), &section(figure, &of_figure))?;
    }
    Ok(page)
}

/// The page with this text between the markers of `place`.
///
/// # Errors
/// When the page lacks them.
pub fn put(page: &str, place: &str, text: &str) -> anyhow::Result<String> {
    let (begin, end) = (format!("<!-- {place} -->\n"), format!("<!-- /{place} -->"));
    let missing = || format!("the page has no place for {place}");
    let from = page.find(&begin).with_context(missing)? + begin.len();
    let to = from + page[from..].find(&end).with_context(missing)?;
    Ok([&page[..from], text, &page[to..]].concat())
}

/// These outcomes of one figure as text.
#[must_use]
pub fn text(outcomes: &[Outcome]) -> String {
    let Some(first) = outcomes.first() else {
        return String::new();
    };
    section(first.figure, &outcomes.iter().collect::<Vec<_>>())
}

/// The text of one figure.
fn section(figure: Figure, outcomes: &[&Outcome]) -> String {
    let mut text = conditions(outcomes);
    match figure {
        Figure::P1 => {
            lesson(&mut text, outcomes);
            memory(&mut text, outcomes);
        }
        Figure::Comparison => {
            let joined = Outcome::join_rounds(outcomes);
            let joined: Vec<&Outcome> = joined.iter().collect();
            lesson(&mut text, &joined);
            ratio(&mut text, &joined);
        }
        Figure::P2 => table(
            &mut text,
            outcomes,
            &["people per core (must 120, aim 250)"],
            |row| vec![bold(format!("{:.0}", row.people_per_core()), row)],
        ),
        Figure::P3 => table(
            &mut text,
            outcomes,
            &[
                "k packets per CPU second (aim 150)",
                "k packets/s if all were forwarded",
                "so much less",
            ],
            |row| {
                // Everybody but the speaker would get every packet of every open microphone.
                let sent = MICROPHONES as f64 * 1000.0 / f64::from(VOICE_PACKET_MS);
                let all = sent * row.people.saturating_sub(1) as f64;
                vec![
                    bold(thousands(row.packets_per_cpu_second()), row),
                    thousands(all),
                    format!("{:.0} times", all / row.packets_per_second().max(1.0)),
                ]
            },
        ),
        Figure::P4 => table(
            &mut text,
            outcomes,
            &[
                "load",
                "p50 µs (must 300, aim 120)",
                "p99 µs (must 3000, aim 1000)",
                "without a server p50 / p99 µs",
                "packets timed",
            ],
            |row| {
                let Some(delay) = &row.delay else {
                    return vec![String::new(); 5];
                };
                vec![
                    row.label.clone(),
                    bold(delay.p50_us.to_string(), row),
                    bold(delay.p99_us.to_string(), row),
                    format!("{} / {}", delay.bare_p50_us, delay.bare_p99_us),
                    delay.packets.to_string(),
                ]
            },
        ),
        Figure::P6 => table(
            &mut text,
            outcomes,
            &["of a core (must 10 %, aim 3 %)"],
            |row| vec![bold(format!("{:.1} %", row.server_cpu() * 100.0), row)],
        ),
        Figure::P7 => table(
            &mut text,
            outcomes,
            &[
                "who came",
                "first picture p50 / p95 / worst ms (who come: must 3000 for all, aim 1000 p95; who wait: 700 p95, 1000 for all)",
                "keyframe requests/s, worst second (aim 1)",
            ],
            |row| {
                let Some(storm) = &row.storm else {
                    return vec![String::new(); 3];
                };
                let ms = |time: Option<u64>| time.map_or("never".to_owned(), |ms| ms.to_string());
                vec![
                    if storm.waited {
                        "the publisher".to_owned()
                    } else {
                        format!("{} in {:.0} s", storm.comers, storm.within_s)
                    },
                    bold(
                        format!(
                            "{} / {} / {}",
                            ms(storm.first_picture_p50_ms),
                            ms(storm.first_picture_p95_ms),
                            ms(storm.first_picture_worst_ms)
                        ),
                        row,
                    ),
                    format!(
                        "{:.2}, {}",
                        storm.keyframe_requests_per_second, storm.keyframe_requests_worst_second
                    ),
                ]
            },
        ),
    }
    for complaint in outcomes.iter().flat_map(|outcome| outcome.complaints()) {
        let _ = writeln!(text, "\n{complaint}");
    }
    text
}

/// Where and how long.
fn conditions(outcomes: &[&Outcome]) -> String {
    let Some(first) = outcomes.first() else {
        return String::new();
    };
    let seconds = match first.figure {
        Figure::P7 => String::new(),
        _ => format!(", {:.0} s a row", first.duration_s),
    };
    let mut subjects: Vec<&str> = Vec::new();
    for outcome in outcomes {
        if !subjects.contains(&outcome.subject.as_str()) {
            subjects.push(&outcome.subject);
        }
    }
    let suite = first
        .suite
        .as_deref()
        .map_or(String::new(), |suite| format!(", {suite}"));
    format!(
        "{}: {}{seconds}{suite}.\n\n",
        subjects.join("; "),
        first.machine
    )
}

/// The columns of quality, which no figure is without.
const QUALITY: [&str; 6] = [
    "lost",
    "frozen",
    "sound breaks",
    "server CPU",
    "generator CPU",
    "machine busy",
];

fn quality(row: &Row) -> Vec<String> {
    vec![
        format!("{:.4} %", row.seen.loss_percent()),
        format!("{:.2} %", row.seen.frozen_percent()),
        row.seen.breaks.to_string(),
        format!("{:.1} %", row.server_cpu() * 100.0),
        format!("{:.0} %", row.generator.cpu * 100.0),
        format!("{:.0} %", row.generator.machine_load * 100.0),
    ]
}

/// A table of figures with people, packets and quality beside them.
fn table(
    text: &mut String,
    outcomes: &[&Outcome],
    figures: &[&str],
    cells: impl Fn(&Row) -> Vec<String>,
) {
    let head = ["network", "people", "packets/s"]
        .iter()
        .chain(figures)
        .chain(&QUALITY);
    let head: Vec<String> = head.map(|cell| (*cell).to_owned()).collect();
    push_row(text, &head);
    push_rule(text, head.len());
    for outcome in outcomes {
        for row in &outcome.rows {
            let mut line = vec![
                outcome.network.clone(),
                row.people.to_string(),
                format!("{:.0}", row.packets_per_second()),
            ];
            line.extend(cells(row));
            line.extend(quality(row));
            push_row(text, &line);
        }
    }
}

/// The table of P1, also for several servers.
fn lesson(text: &mut String, outcomes: &[&Outcome]) {
    let several = outcomes.iter().any(|o| o.subject != outcomes[0].subject);
    let name = |outcome: &Outcome| match several {
        true => format!("{}, {}", outcome.subject, outcome.network),
        false => outcome.network.clone(),
    };
    let head = [
        if several {
            "server, network"
        } else {
            "network"
        },
        "publisher sends",
        "viewers",
        "packets/s",
        "**k packets per CPU second**",
        "frames/s each",
        "memory",
    ];
    let head = head.iter().chain(&QUALITY);
    let head: Vec<String> = head.map(|cell| (*cell).to_owned()).collect();
    push_row(text, &head);
    push_rule(text, head.len());
    for outcome in outcomes {
        for row in &outcome.rows {
            let mut line = vec![
                name(outcome),
                row.label.clone(),
                row.people.to_string(),
                format!("{:.0}", row.packets_per_second()),
                bold(thousands(row.packets_per_cpu_second()), row),
                format!("{:.1}", row.frames_per_second()),
                format!("{:.1} MB", row.server_resident_bytes as f64 / 1e6),
            ];
            line.extend(quality(row));
            push_row(text, &line);
        }
    }
}

/// P5: what the first outcome with more than one number of viewers says of memory.
fn memory(text: &mut String, outcomes: &[&Outcome]) {
    let growing = outcomes.iter().find_map(|outcome| {
        let bytes = outcome.bytes_per_viewer()?;
        Some((outcome, bytes))
    });
    if let Some((outcome, bytes)) = growing
        && let [first, .., last] = outcome.rows.as_slice()
    {
        let _ = writeln!(
            text,
            "\n**P5**, resident memory per viewer, from {} to {} viewers: **{:.0} KB** (must 300, aim 150).",
            first.people,
            last.people,
            bytes / 1000.0
        );
    }
}

/// How many times better the first server of the comparison is than another over the same network, for each audience
/// that both had.
fn ratio(text: &mut String, outcomes: &[&Outcome]) {
    for other in outcomes {
        let ours = outcomes
            .iter()
            .find(|ours| ours.network == other.network && ours.subject != other.subject)
            .filter(|ours| ours.subject == outcomes[0].subject);
        let Some(ours) = ours else {
            continue;
        };
        let (times, audiences): (Vec<_>, Vec<_>) = other
            .rows
            .iter()
            .filter(|theirs| theirs.packets_per_cpu_second() > 0.0)
            .filter_map(|theirs| {
                let same = ours.rows.iter().find(|row| row.people == theirs.people)?;
                let times = same.packets_per_cpu_second() / theirs.packets_per_cpu_second();
                Some((format!("{times:.1}"), theirs.people.to_string()))
            })
            .unzip();
        if !times.is_empty() {
            let _ = writeln!(
                text,
                "\nOver {}, {} forwards **{} times** the packets of {} per CPU second, at {} viewers (expected: 4).",
                other.network,
                ours.subject,
                times.join(" / "),
                other.subject,
                audiences.join(" / ")
            );
        }
    }
}

/// The figure, or what it would be if the generator had kept up.
fn bold(figure: String, row: &Row) -> String {
    match row.refused() {
        None => format!("**{figure}**"),
        Some(_) => format!("refused ({figure})"),
    }
}

fn thousands(amount: f64) -> String {
    format!("{:.0}", amount / 1000.0)
}

fn push_row(text: &mut String, cells: &[String]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

fn push_rule(text: &mut String, columns: usize) {
    let _ = writeln!(text, "|{}", "---|".repeat(columns));
}

#[cfg(test)]
mod tests {
    use super::super::outcome::tests::{outcome, row};
    use super::super::outcome::{DelayFigures, StormFigures};
    use super::*;

    const PAGE: &str = "# P\n\n<!-- p1 -->\nold\n<!-- /p1 -->\nbetween\n<!-- comparison -->\n<!-- /comparison -->\nend\n";

    #[test]
    fn only_the_figures_that_were_taken_are_replaced() {
        let rows = vec![row(50, 50_000_000), row(100, 60_000_000)];
        let updated = update(PAGE, &[outcome(Figure::P1, rows)]).unwrap();
        assert!(updated.starts_with("# P\n\n<!-- p1 -->\na server: 2 × a processor, 10 s a row"));
        assert!(!updated.contains("old") && updated.ends_with("<!-- /comparison -->\nend\n"));
        assert!(updated.contains("| 100 | 22000 | **220** | 30.0 | 60.0 MB | 0.0045 % |"));
        assert!(updated.contains("from 50 to 100 viewers: **200 KB**"));
        let again = update(&updated, &[outcome(Figure::P1, vec![row(7, 1)])]).unwrap();
        assert!(again.contains("| 7 |") && !again.contains("| 100 |"));
        assert!(update("no markers", &[outcome(Figure::P1, Vec::new())]).is_err());
    }

    #[test]
    fn a_refused_row_is_not_shown_as_a_figure() {
        let mut deaf = row(50, 1);
        deaf.generator.dropped_datagrams = 5;
        let updated = update(PAGE, &[outcome(Figure::P1, vec![deaf])]).unwrap();
        assert!(updated.contains("refused (220)") && updated.contains("5 datagrams"));
    }

    #[test]
    fn the_comparison_tells_how_many_times_better() {
        let mut slow = row(50, 1);
        slow.server_cpu_s = 5.0;
        let mut theirs = outcome(Figure::Comparison, vec![slow]);
        theirs.subject = "another".to_owned();
        let ours = outcome(Figure::Comparison, vec![row(50, 1), row(100, 2)]);
        let updated = update(PAGE, &[ours, theirs]).unwrap();
        assert!(updated.contains(
            "Over loopback, a server forwards **5.0 times** the packets of another per CPU second, at 50 viewers"
        ));
    }

    #[test]
    fn every_other_figure_has_its_table() {
        let mut timed = row(300, 1);
        timed.delay = Some(DelayFigures {
            packets: 1000,
            p50_us: 95,
            p99_us: 600,
            bare_p50_us: 10,
            bare_p99_us: 20,
        });
        let mut stormy = row(50, 1);
        stormy.storm = Some(StormFigures {
            comers: 300,
            within_s: 10.0,
            first_picture_p50_ms: Some(200),
            first_picture_p95_ms: Some(400),
            first_picture_worst_ms: None,
            keyframe_requests_per_second: 0.5,
            keyframe_requests_worst_second: 1,
            ..StormFigures::default()
        });
        let mut patient = stormy.clone();
        if let Some(storm) = &mut patient.storm {
            (storm.waited, storm.first_picture_worst_ms) = (true, Some(600));
        }
        for (figure, row, shown) in [
            (Figure::P2, row(30, 1), "**300**"),
            (Figure::P3, row(600, 1), "| **220** | 2995 | 136 times |"),
            (
                Figure::P4,
                timed,
                "| frames at once | **95** | **600** | 10 / 20 | 1000 |",
            ),
            (Figure::P6, row(300, 1), "**10.0 %**"),
            (
                Figure::P7,
                stormy,
                "| 300 in 10 s | **200 / 400 / never** | 0.50, 1 |",
            ),
            (
                Figure::P7,
                patient,
                "| the publisher | **200 / 400 / 600** | 0.50, 1 |",
            ),
        ] {
            let text = section(figure, &[&outcome(figure, vec![row])]);
            assert!(text.contains(shown), "{figure}: {text}");
            let columns = |line: &str| line.matches('|').count();
            let lines: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
            assert!(
                lines.iter().all(|line| columns(line) == columns(lines[0])),
                "{text}"
            );
        }
    }
}
