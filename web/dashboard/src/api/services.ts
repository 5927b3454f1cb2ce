// The methods of the two services that the dashboard uses, with the types that buf makes of the .proto files.
import type * as admin from '../../generated/livecounter/v1/admin_service_pb';
import type * as counter from '../../generated/livecounter/v1/counter_service_pb';
import { call, stream } from './connect.ts';

export type Account = admin.AccountJson;
export type ApiKey = admin.ApiKeyJson;
export type Counter = counter.CounterJson;
export type GatewaySession = admin.GatewaySessionJson;
export type HistoryPoint = counter.HistoryPointJson;
export type HistoryRequest = counter.GetHistoryRequestJson;
export type LatencySummary = admin.LatencySummaryJson;
export type Product = admin.ProductJson;
export type Progress = admin.VerificationProgressJson;
export type Session = admin.SessionJson;
export type SystemStatus = admin.SystemStatusJson;
export type UsagePoint = admin.UsagePointJson;

type Empty = Record<string, never>;

const unary = <Request, Answer>(method: string) =>
  (request: Request, signal?: AbortSignal) => call<Answer>(method, request, signal);
const streaming = <Request, Answer>(method: string) =>
  (request: Request, signal: AbortSignal) => stream<Answer>(method, request, signal);

export const counters = {
  list: unary<counter.ListCountersRequestJson, counter.ListCountersResponseJson>('CounterService/ListCounters'),
  create: unary<counter.CreateCounterRequestJson, Counter>('CounterService/CreateCounter'),
  increment: unary<counter.IncrementCounterRequestJson, counter.IncrementCounterResponseJson>('CounterService/IncrementCounter'),
  set: unary<counter.SetCounterRequestJson, Counter>('CounterService/SetCounter'),
  delete: unary<counter.DeleteCounterRequestJson, Empty>('CounterService/DeleteCounter'),
  watch: streaming<counter.WatchCountersRequestJson, counter.WatchCountersResponseJson>('CounterService/WatchCounters'),
  history: unary<counter.GetHistoryRequestJson, counter.GetHistoryResponseJson>('CounterService/GetHistory'),
};

export const accounts = {
  create: unary<admin.CreateAccountRequestJson, Account>('AdminService/CreateAccount'),
  get: unary<admin.GetAccountRequestJson, Account>('AdminService/GetAccount'),
  list: unary<admin.ListAccountsRequestJson, admin.ListAccountsResponseJson>('AdminService/ListAccounts'),
  update: unary<admin.UpdateAccountRequestJson, Account>('AdminService/UpdateAccount'),
  activate: unary<admin.ActivateAccountRequestJson, Account>('AdminService/ActivateAccount'),
  deactivate: unary<admin.DeactivateAccountRequestJson, Account>('AdminService/DeactivateAccount'),
  delete: unary<admin.DeleteAccountRequestJson, Empty>('AdminService/DeleteAccount'),
  setPassword: unary<admin.SetPasswordRequestJson, Empty>('AdminService/SetPassword'),
};

export const products = {
  create: unary<admin.CreateProductRequestJson, Product>('AdminService/CreateProduct'),
  get: unary<admin.GetProductRequestJson, Product>('AdminService/GetProduct'),
  list: unary<admin.ListProductsRequestJson, admin.ListProductsResponseJson>('AdminService/ListProducts'),
  update: unary<admin.UpdateProductRequestJson, Product>('AdminService/UpdateProduct'),
  delete: unary<admin.DeleteProductRequestJson, Empty>('AdminService/DeleteProduct'),
  usage: unary<admin.GetUsageRequestJson, admin.GetUsageResponseJson>('AdminService/GetUsage'),
  testVerification: streaming<admin.TestVerificationRequestJson, Progress>('AdminService/TestVerification'),
  saveVerification: streaming<admin.SaveVerificationRequestJson, Progress>('AdminService/SaveVerification'),
};

export const apiKeys = {
  create: unary<admin.CreateApiKeyRequestJson, ApiKey>('AdminService/CreateApiKey'),
  list: unary<admin.ListApiKeysRequestJson, admin.ListApiKeysResponseJson>('AdminService/ListApiKeys'),
  revoke: unary<admin.RevokeApiKeyRequestJson, ApiKey>('AdminService/RevokeApiKey'),
};

export const sessions = {
  get: unary<Empty, Session>('AdminService/GetSession'),
  signUp: unary<admin.SignUpRequestJson, Session>('AdminService/SignUp'),
  signIn: unary<admin.SignInRequestJson, Session>('AdminService/SignIn'),
  signOut: unary<Empty, Empty>('AdminService/SignOut'),
  // With a token instead of an e-mail and a password: the console keeps it in the cookie.
  signInWithToken: (token: string) =>
    call<Session>('AdminService/GetSession', {}, undefined, { authorization: `Bearer ${token}` }),
};

export const system = {
  status: unary<admin.GetSystemStatusRequestJson, SystemStatus>('AdminService/GetSystemStatus'),
  backup: unary<admin.BackupRequestJson, Empty>('AdminService/Backup'),
};

export interface Items<Item> {
  items: Item[];
  hasMore: boolean;
}

// The first pages of a list, until there are `most` items or all of them.
export async function firstPages<Page extends { nextPageToken?: string }, Item>(
  load: (pageToken: string) => Promise<Page>, itemsOf: (page: Page) => Item[] | undefined, most: number,
): Promise<Items<Item>> {
  const items: Item[] = [];
  let token = '';
  do {
    const page = await load(token);
    items.push(...itemsOf(page) ?? []);
    token = page.nextPageToken ?? '';
  } while (token && items.length < most);
  return { items, hasMore: token !== '' };
}

// All pages of a list.
export const allPages = async <Page extends { nextPageToken?: string }, Item>(
  load: (pageToken: string) => Promise<Page>, itemsOf: (page: Page) => Item[] | undefined,
): Promise<Item[]> => (await firstPages(load, itemsOf, Infinity)).items;

export const loadProducts = (parent: string, signal: AbortSignal): Promise<Product[]> =>
  allPages((pageToken) => products.list({ parent, pageSize: 1000, pageToken }, signal), (page) => page.products);

// A name for a request, so that a repeat of it is done once. (randomUUID() is there over TLS only.)
export const newRequestId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
