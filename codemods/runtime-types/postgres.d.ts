export declare function cancellable<Client extends object>(client: Client): Client
