//! The audit log: a chain that shows tampering, which the database refuses in the first place.

use serde_json::json;
use signaling::platform::audit;
use signaling::platform::audit::{Line, Verdict};
use sqlx::Connection as _;

use crate::support::{TestStore, stores};

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

async fn verdict(test: &TestStore) -> Verdict {
    audit::verify(&mut test.store.read().await.unwrap())
        .await
        .unwrap()
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
        assert_eq!(verdict(&test).await, Verdict::Intact(2));
    }
}

#[tokio::test]
async fn chain_shows_a_changed_and_a_missing_line() {
    for test in stores().await {
        write(&test, &["one", "two", "three", "four"]).await;
        let sqlite = test.database.url.is_empty();
        let unlock: &[&str] = if sqlite {
            &[
                "DROP TRIGGER audit_log_no_update",
                "DROP TRIGGER audit_log_no_delete",
            ]
        } else {
            &["DROP TRIGGER audit_log_no_change ON audit_log"]
        };
        for statement in unlock {
            tamper(&test, statement).await.unwrap();
        }
        tamper(
            &test,
            "UPDATE audit_log SET resource = 'session:GB-02' WHERE seq = 3",
        )
        .await
        .unwrap();
        assert_eq!(verdict(&test).await, Verdict::BrokenAt(3));
        tamper(&test, "DELETE FROM audit_log WHERE seq = 2")
            .await
            .unwrap();
        assert_eq!(verdict(&test).await, Verdict::BrokenAt(3));
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
        assert_eq!(verdict(&test).await, Verdict::Intact(0));
    }
}
