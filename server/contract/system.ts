export interface BuildInfo {
  version: string;
  commit: string;
  runtime: string;
}

export interface SystemStatus extends BuildInfo {
  sqlite: string;
  startedAt: number;
}
