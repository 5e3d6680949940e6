//! The audit log: a chain that shows tampering, which the database refuses in the first place.

use serde_json::json;
use signaling::platform::audit;
use signaling::platform::audit::{Fault, Head, Line, Verdict};
use sqlx::Connection as _;

use crate::support::{TestStore, eventually, stores};

async fn write(test: &TestStore, actions: &[&str]) {
    for action in actions {
        let mut tx = test.store.write().await.unwrap();
        let line = Line {
            actor: "system",
            action,
            resource: "session:GB-01",
            before: None,
            after: Some(json!({ "title": "Họp giao ban" })),
        };
        audit::append(&mut tx, line, signaling::Clock::system().now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

/// What a check finds that knows what was written down outside the database.
async fn verdict(test: &TestStore) -> Verdict {
    let head = Head::read(test.folder.path()).unwrap();
    let mut conn = test.store.read().await.unwrap();
    audit::verify(&mut conn, head).await.unwrap()
}

/// Waits until the newest line is written down outside the database.
async fn written_down(test: &TestStore) -> Head {
    let mut conn = test.store.read().await.unwrap();
    let newest = audit::newest(&mut conn).await.unwrap().unwrap();
    drop(conn);
    eventually("the head is written down", async || {
        Head::read(test.folder.path()).unwrap() == Some(newest)
    })
    .await;
    newest
}

/// Lets lines be changed and deleted, as whoever has the database's password can.
async fn unlock(test: &TestStore) {
    let statements: &[&str] = if test.database.url.is_empty() {
        &[
            "DROP TRIGGER audit_log_no_update",
            "DROP TRIGGER audit_log_no_delete",
        ]
    } else {
        &[
            "DROP TRIGGER audit_log_no_change ON audit_log",
            "DROP TRIGGER audit_log_no_delete ON audit_log",
        ]
    };
    for statement in statements {
        tamper(test, statement).await.unwrap();
    }
}

/// Runs SQL past the store, as somebody with the database's password could.
async fn tamper(test: &TestStore, statement: &str) -> Result<(), sqlx::Error> {
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    if test.database.url.is_empty() {
        let file = test.folder.path().join("diemcau.db");
        let mut connection =
            sqlx::SqliteConnection::connect(&format!("sqlite:{}", file.display())).await?;
        sqlx::query(statement).execute(&mut connection).await?;
    } else {
        let mut connection = sqlx::PgConnection::connect(&test.database.url).await?;
        sqlx::query(statement).execute(&mut connection).await?;
    }
    Ok(())
}

#[tokio::test]
async fn database_refuses_to_change_or_delete_audit_lines() {
    for test in stores().await {
        write(&test, &["create_session", "end_session"]).await;
        for statement in [
            "UPDATE audit_log SET actor = 'account:somebody' WHERE seq = 1",
            "DELETE FROM audit_log WHERE seq = 2",
        ] {
            let refusal = tamper(&test, statement).await.unwrap_err();
            assert!(refusal.to_string().contains("append-only"), "{refusal}");
        }
        let found = verdict(&test).await;
        assert!(found.is_intact() && found.lines == 2, "{found:?}");
    }
}

#[tokio::test]
async fn chain_shows_a_changed_and_a_missing_line() {
    for test in stores().await {
        write(&test, &["one", "two", "three", "four"]).await;
        unlock(&test).await;
        tamper(
            &test,
            "UPDATE audit_log SET resource = 'session:GB-02' WHERE seq = 3",
        )
        .await
        .unwrap();
        assert_eq!(verdict(&test).await.faults, [Fault::Changed(3)]);
        tamper(&test, "DELETE FROM audit_log WHERE seq = 2")
            .await
            .unwrap();
        assert_eq!(
            verdict(&test).await.faults,
            [Fault::Missing { from: 2, to: 2 }, Fault::Changed(3)]
        );
    }
}

#[tokio::test]
async fn line_of_a_change_that_fails_is_not_written() {
    for test in stores().await {
        {
            let mut tx = test.store.write().await.unwrap();
            let line = Line {
                actor: "system",
                action: "create_session",
                resource: "session:GB-01",
                before: None,
                after: None,
            };
            audit::append(&mut tx, line, signaling::Clock::system().now())
                .await
                .unwrap();
        }
        let found = verdict(&test).await;
        assert!(found.is_intact() && found.lines == 0, "{found:?}");
        assert_eq!(found.head, None, "nothing was written down");
    }
}

#[tokio::test]
async fn log_that_was_cut_off_at_its_end_is_found_out_and_the_proof_is_not_written_over() {
    for test in stores().await {
        write(&test, &["one", "two", "three", "four"]).await;
        let head = written_down(&test).await;
        assert_eq!(head.seq, 4);
        unlock(&test).await;
        tamper(&test, "DELETE FROM audit_log WHERE seq >= 3")
            .await
            .unwrap();
        let cut = [Fault::Missing { from: 3, to: 4 }];
        assert_eq!(verdict(&test).await.faults, cut);
        // The server goes on, past the number that was written down.
        write(&test, &["five", "six", "seven"]).await;
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        assert_eq!(Head::read(test.folder.path()).unwrap(), Some(head));
        assert_eq!(verdict(&test).await.faults, [Fault::Rewritten(4)]);
    }
}

#[tokio::test]
async fn log_that_was_written_anew_from_its_beginning_is_found_out() {
    for (test, other) in stores().await.into_iter().zip(stores().await) {
        write(&test, &["one", "two"]).await;
        let head = written_down(&test).await;
        // As good a chain as any, but not the one that was written.
        write(&other, &["one", "other", "three"]).await;
        let mut conn = other.store.read().await.unwrap();
        let verdict = audit::verify(&mut conn, Some(head)).await.unwrap();
        assert_eq!(verdict.faults, [Fault::Rewritten(2)]);
    }
}

#[tokio::test]
async fn eight_who_write_at_once_make_one_chain() {
    const ACTS: i64 = 200;
    for test in stores().await {
        let writers = (0..8).map(|writer| {
            let store = test.store.clone();
            tokio::spawn(async move {
                for act in 0..ACTS {
                    let mut tx = store.write().await.unwrap();
                    let line = Line {
                        actor: "system",
                        action: "create_session",
                        resource: &format!("session:{writer}-{act}"),
                        before: None,
                        after: Some(json!({ "writer": writer, "act": act })),
                    };
                    let now = signaling::Clock::system().now();
                    audit::append(&mut tx, line, now).await.unwrap();
                    // Every fourth does not come to its end, and leaves no gap.
                    if act % 4 != 3 {
                        tx.commit().await.unwrap();
                    }
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        written_down(&test).await;
        let found = verdict(&test).await;
        assert!(found.is_intact(), "{found:?}");
        assert_eq!(found.lines, 8 * 150);
        assert_eq!(found.head.unwrap().seq, 8 * 150);
    }
}

#[tokio::test]
async fn head_never_leads_however_often_it_is_read_while_lines_are_written() {
    for test in stores().await {
        let store = test.store.clone();
        let writer = tokio::spawn(async move {
            for _ in 0..100 {
                let mut tx = store.write().await.unwrap();
                let line = Line {
                    actor: "system",
                    action: "create_session",
                    resource: "session:GB-01",
                    before: None,
                    after: None,
                };
                let now = signaling::Clock::system().now();
                audit::append(&mut tx, line, now).await.unwrap();
                tx.commit().await.unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        });
        while !writer.is_finished() {
            let found = verdict(&test).await;
            assert!(found.is_intact(), "{found:?}");
        }
        writer.await.unwrap();
        written_down(&test).await;
    }
}

#[tokio::test]
async fn what_is_hashed_is_what_is_stored_whatever_it_holds() {
    let awkward = json!({
        "composed": "Họp giao ban", "decomposed": "Ho\u{323}p", "emoji": "🏫", "nul": "a\u{0}b", "quote": "\"'\\",
        "large": u64::MAX, "small": i64::MIN, "zero": -0.0, "exact": 0.1, "far": 1e300, "blank": "  x  ", "b": [], "a": {},
        "line": "một\r\nhai\u{2028}ba",
    });
    for test in stores().await {
        let mut tx = test.store.write().await.unwrap();
        let line = Line {
            actor: "token:Khách – 'A'",
            action: "create_session",
            resource: "session: GB  ",
            before: Some(awkward.clone()),
            after: Some(json!(null)),
        };
        audit::append(&mut tx, line, protocol::UtcMicros(i64::MAX))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let found = verdict(&test).await;
        assert!(found.is_intact(), "{found:?}");
        let lines = audit::last(&mut test.store.read().await.unwrap(), 1).await;
        assert_eq!(lines.unwrap()[0].before, Some(awkward.to_string()));
    }
}
