// A real OpenID Connect provider for the tests of signing in: whoever types a name is that person.
// usage: node provider.mjs ISSUER_PORT CALLBACK_URL
import { Provider } from 'oidc-provider';

const [port, callback] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'petition',
      client_secret: 'only-for-tests',
      redirect_uris: [callback],
      post_logout_redirect_uris: [callback],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false, // what is asked for stands in the ID token
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@bureau.example`, email_verified: !id.startsWith('unverified') }),
  }),
  cookies: { keys: ['only-for-tests'] },
});

provider.listen(port, '127.0.0.1');
