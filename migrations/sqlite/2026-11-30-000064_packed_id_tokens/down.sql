UPDATE sessions SET id_token = '';
