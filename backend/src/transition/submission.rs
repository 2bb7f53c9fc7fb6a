//! What a submission asks of others before its transaction begins: the register of organisations, and the identity
//! provider.

use shared::user::User;

use super::membership_check;
use crate::db::Db;
use crate::directory::Directory;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::enrollment;

/// Has the directory look the organisation of that request up, and gives the user as their provider knows them now.
///
/// # Errors
/// The database's.
pub async fn prepare(db: &Db, directory: &Directory, user: User, id: EnrollmentId) -> Result<User> {
    let siret = db.read(move |connection| Ok(enrollment::siret(connection, id)?)).await?;
    directory.prepare(db, siret.as_ref()).await;
    db.remember(move |connection| membership_check::refreshed(connection, user)).await
}
