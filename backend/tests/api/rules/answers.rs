//! Answers that are asked for, and those that are refused.

use serde_json::json;

use super::Scene;

#[tokio::test]
async fn a_mobile_number_is_asked_for_and_only_a_rule_makes_it_mandatory() {
    let scene = Scene::new().await;
    let mobile = |text: String| {
        let contact = "type = \"responsable_technique\"\n";
        text.replacen(contact, &format!("{contact}mobile_phone = true\n"), 1)
    };
    let numbers = [
        ("01 23 45 67 89", false),
        ("+262 262 12 34 56", false),
        ("+262 692 12 34 56", true),
        ("+33 (0)1 23 45 67 89", false),
        ("+33 (0)6 12 34 56 78", true),
        ("3646", false),
        ("+352 621 123 456", true),
        ("0041 79 123 45 67", true),
    ];
    for mandatory in [false, true] {
        let rule = if mandatory { "rules = [\"mobile_phone\", " } else { "rules = [" };
        scene.revise(|text| mobile(text).replacen("rules = [", rule, 1)).await;
        for (number, is_mobile) in numbers {
            let mut draft = scene.draft();
            let people = draft["team_members"].as_array_mut().unwrap();
            for person in people.iter_mut().filter(|person| person["type"] == "responsable_technique") {
                person["phone_number"] = json!(number);
            }
            let id = scene.applicant.post("/api/enrollments", &draft).await.ok()["id"].as_i64().unwrap();
            let answer = scene.applicant.step(id, "submit", "").await;
            if mandatory && !is_mobile {
                assert!(answer.fields()[0].ends_with("phone_number: format"), "{number}: {}", answer.text);
            } else {
                assert!(answer.status.is_success(), "{number}: {}", answer.text);
            }
        }
    }
}

#[tokio::test]
async fn a_duration_is_a_number_of_months_and_not_zero() {
    let scene = Scene::new().await;
    let id = scene.filed().await;
    let path = format!("/api/enrollments/{id}");
    for wrong in [json!("abc"), json!(-1), json!(1.5)] {
        let answer = scene.applicant.patch(&path, &json!({"data_retention_period": wrong})).await;
        assert_eq!(answer.places(), ["/data_retention_period: format"]);
        assert!(answer.text.contains("en chiffres"), "{wrong}: {}", answer.text);
    }
    scene.applicant.patch(&path, &json!({"data_retention_period": 0})).await.ok();
    assert_eq!(scene.applicant.step(id, "submit", "").await.fields(), ["/data_retention_period: out_of_range"]);
    scene.applicant.patch(&path, &json!({"data_retention_period": 1})).await.ok();
    scene.applicant.step(id, "submit", "").await.ok();
}
