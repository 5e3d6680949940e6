//! The roles that the provider's groups give.

use super::*;

/// The roles that somebody holds, and whether the provider's groups gave them.
async fn roles(server: &Server, login: &str) -> Vec<(String, String, bool)> {
    let account = account_of(server, login).await;
    let chief = server.signed_in("chutri").await;
    let detail: AccountDetail = chief.read(&format!("/api/v1/accounts/{account}")).await;
    let mut roles: Vec<_> = detail
        .roles
        .into_iter()
        .map(|held| {
            let role = serde_json::to_value(held.role).unwrap();
            (
                role.as_str().unwrap().to_owned(),
                held.unit.code,
                held.by_provider,
            )
        })
        .collect();
    roles.sort();
    roles
}

fn role(role: &str, unit: &str, by_provider: bool) -> (String, String, bool) {
    (role.to_owned(), unit.to_owned(), by_provider)
}

#[tokio::test]
async fn roles_follow_the_groups_at_each_sign_in_beside_those_that_people_gave() {
    for (provider, server) in scenes().await {
        linked(&server, &provider, "thanhvien", "8f2c").await;
        let browser = server.stranger();
        let own = role("member", "TR-A", false);
        let with_groups = async |groups: Value| {
            provider.change(|ways| ways.claims = json!({ "groups": groups }));
            let me = me(sign_in(&browser, &provider, "8f2c").await).await;
            assert_eq!(me.login.as_deref(), Some("thanhvien"));
            roles(&server, "thanhvien").await
        };
        let none = with_groups(json!(["khac", "department_admin"])).await;
        assert_eq!(none, std::slice::from_ref(&own));
        let given = with_groups(json!(["can-bo", "quan-tri-xa-a"])).await;
        let expected = [
            own.clone(),
            role("member", "SGD", true),
            role("unit_admin", "XA-A", true),
        ];
        let sorted = |mut roles: Vec<_>| {
            roles.sort();
            roles
        };
        assert_eq!(given, sorted(expected.to_vec()));
        assert_eq!(
            browser.get("/api/v1/accounts").await.status(),
            200,
            "they count"
        );
        // Nothing changes: nothing is written.
        let account = account_of(&server, "thanhvien").await;
        let before = log_of(&server, account).await.len();
        with_groups(json!(["quan-tri-xa-a", "can-bo"])).await;
        assert_eq!(
            log_of(&server, account).await.len(),
            before + 1,
            "the sign-in alone"
        );
        // Somebody gives the same role for good: it stays when the group is gone.
        let chief = server.signed_in("chutri").await;
        let path = format!("/api/v1/accounts/{account}/roles");
        let same = json!({ "role": "unit_admin", "unit": "XA-A" });
        assert_eq!(chief.post(&path, &same).await.status(), 204);
        let kept = with_groups(json!("can-bo")).await;
        let expected = [
            own.clone(),
            role("member", "SGD", true),
            role("unit_admin", "XA-A", false),
        ];
        assert_eq!(kept, sorted(expected.to_vec()));
        server.clock.advance(48 * 60 * MINUTE_US);
        let none = with_groups(Value::Null).await;
        assert_eq!(
            none,
            sorted(vec![own.clone(), role("unit_admin", "XA-A", false)])
        );

        // A unit that there is not: they are let in, get nothing by it, and the log says so.
        let same = with_groups(json!(["xa-da-sap-nhap"])).await;
        assert_eq!(same, none);
        let log = log_of(&server, account).await;
        let (actor, _, _, after) = log.iter().find(|line| line.1 == "map_group").unwrap();
        assert_eq!(actor, "system");
        assert_eq!(
            (&after["unit"], &after["why"], &after["reason"]),
            (&json!("XA-CU"), &json!("unknown_unit"), &json!("provider"))
        );
        let actions = |wanted: &str| {
            let all = log
                .iter()
                .filter(|line| line.0 == "system" && line.1 == wanted);
            all.count()
        };
        assert_eq!((actions("grant_role"), actions("end_role")), (2, 2));
    }
}

#[tokio::test]
async fn last_administrator_of_the_department_keeps_the_role_and_the_log_says_why() {
    for (provider, server) in scenes().await {
        linked(&server, &provider, "kythuat", "8f2c").await;
        let browser = server.stranger();
        provider.change(|ways| ways.claims = json!({ "groups": ["lanh-dao-so"] }));
        assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 200);
        // The one whom somebody made administrator is one no longer.
        let mut tx = server.store.write().await.unwrap();
        let chief = account_of(&server, "chutri").await;
        accounts::disable(&mut tx, chief, UtcMicros(1))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        provider.change(|ways| ways.claims = json!({}));
        let me = me(sign_in(&browser, &provider, "8f2c").await).await;
        let held: Vec<String> = me
            .roles
            .iter()
            .map(|held| serde_json::to_string(&held.role).unwrap())
            .collect();
        assert!(
            held.contains(&"\"department_admin\"".to_owned()),
            "{held:?}"
        );
        let account = account_of(&server, "kythuat").await;
        let log = log_of(&server, account).await;
        let kept = log.iter().find(|line| line.1 == "keep_role").unwrap();
        assert_eq!(kept.2, json!({ "role": "department_admin", "unit": "SGD" }));
        assert_eq!(kept.3["why"], "last_administrator");
        // There is another again: it ends like any.
        let mut tx = server.store.write().await.unwrap();
        let today = day(server.clock.now());
        let deputy = account_of(&server, "giangvien").await;
        let role = serde_json::from_value(json!("department_admin")).unwrap();
        accounts::grant(&mut tx, deputy, role, server.province.department, &today)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sign_in(&browser, &provider, "8f2c").await.status(), 200);
        assert_eq!(browser.get("/api/v1/audit-log").await.status(), 403);
    }
}
