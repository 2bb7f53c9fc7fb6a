//! What it costs to decide whether somebody may do something.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result};
use datapass::policies::Policies;
use shared::rights::{Subject, allowed};
use shared::user::User;
use shared::workflow::{Action, State, Status};

/// How many decisions.
const ROUNDS: u32 = 1_000_000;

/// The time of one decision, for somebody with several roles.
pub fn checks() -> Result<String> {
    let policies = Policies::open(None)?.current();
    let policy = policies.get("api_particulier").context("no policy")?;
    let user: User = serde_json::from_value(serde_json::json!({
        "id": 7, "email": "a@exemple.fr", "email_verified": true, "given_name": "A", "family_name": "B",
        "phone_number": "", "job": "", "organizations": [{"siret": "21920023500014", "label": "Commune", "source": "domain"}],
        "roles": ["franceconnect:instructor", "api_entreprise:reporter", "api_particulier:cnaf:reporter"],
    }))?;
    let siret = "21920023500014".parse().ok();
    let (readers, scopes) = (["dpo@exemple.fr".to_owned()], BTreeSet::from(["cnaf_adresse".to_owned()]));
    let subject = Subject {
        policy,
        state: State {
            status: Status::Submitted,
            reopening: false,
            resubmitted: false,
            offered: false,
            submitted_before: true,
        },
        demandeur_id: 3,
        siret: siret.as_ref(),
        readers: &readers,
        scopes: &scopes,
        demarche: "",
    };
    let started = Instant::now();
    let mut granted = 0_u32;
    for round in 0..ROUNDS {
        let action = Action::ALL.get(round as usize % Action::ALL.len()).copied().unwrap_or(Action::Show);
        granted += u32::from(allowed(black_box(&user), black_box(action), black_box(&subject)).is_ok());
    }
    let nanoseconds = started.elapsed().as_secs_f64() * 1e9 / f64::from(ROUNDS);
    anyhow::ensure!(granted > 0, "a reporter may read");
    Ok(format!("one decision about rights takes {nanoseconds:.0} ns (goal 1 000)"))
}
