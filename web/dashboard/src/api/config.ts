// What the console says of the deployment (/config.json).

export interface Config {
  edge: string; // "https://live.example.com": where browsers reach the gateways
}

let config: Promise<Config> | undefined;

async function load(): Promise<Config> {
  const response = await fetch('/config.json');
  if (!response.ok) throw new Error(`the console answered ${response.status}`);
  return await response.json() as Config;
}

// Loaded once; a failure is tried again by the next who asks.
export function loadConfig(): Promise<Config> {
  config ??= load().catch((error: unknown) => {
    config = undefined;
    throw error;
  });
  return config;
}
