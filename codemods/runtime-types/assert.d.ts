export declare const anySignal: AbortSignal | undefined
