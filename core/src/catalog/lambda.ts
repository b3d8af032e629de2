import type { Entry, Library } from './types.js'

const entry = { from: 0, request: 1, params: ['any', 'Context'] } as const satisfies Entry

const handlers = [
  'Handler',
  'APIGatewayProxyHandler',
  'APIGatewayProxyHandlerV2',
  'APIGatewayProxyWebsocketHandlerV2',
  'APIGatewayRequestAuthorizerHandler',
  'APIGatewayTokenAuthorizerHandler',
  'ALBHandler',
  'LambdaFunctionURLHandler',
  'SQSHandler',
  'SNSHandler',
  'S3Handler',
  'ScheduledHandler',
  'EventBridgeHandler',
  'DynamoDBStreamHandler',
  'KinesisStreamHandler',
  'CloudFrontRequestHandler',
  'CodePipelineHandler',
  'CognitoIdentityTriggerHandler',
  'MSKHandler',
  'S3BatchHandler',
  'SESHandler',
]

const events = [
  'APIGatewayEvent',
  'APIGatewayProxyEvent',
  'APIGatewayProxyEventV2',
  'APIGatewayProxyEventV2WithJWTAuthorizer',
  'APIGatewayProxyEventV2WithLambdaAuthorizer',
  'APIGatewayProxyWithCognitoAuthorizerEvent',
  'APIGatewayProxyWithLambdaAuthorizerEvent',
  'APIGatewayProxyWebsocketEventV2',
  'APIGatewayRequestAuthorizerEvent',
  'APIGatewayTokenAuthorizerEvent',
  'ALBEvent',
  'LambdaFunctionURLEvent',
  'SQSEvent',
  'SNSEvent',
  'S3Event',
  'S3BatchEvent',
  'SESEvent',
  'MSKEvent',
  'ScheduledEvent',
  'EventBridgeEvent',
  'DynamoDBStreamEvent',
  'KinesisStreamEvent',
  'CloudFrontRequestEvent',
  'CodePipelineEvent',
] as const

export const lambda = {
  name: 'aws-lambda',
  kind: 'framework',
  modules: ['aws-lambda'],
  surround: { module: '@ctx-fix/runtime/lambda', name: 'withDeadlineSignal', as: 'wrapper' },
  typePackages: ['@types/aws-lambda'],
  evidence: [
    {
      what: 'A handler is called with the event and the context; context.getRemainingTimeInMillis() tells when it is ended',
      where: 'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html',
      since: '8.10.0',
    },
    {
      what: 'The export that the function is configured with, `handler` by custom, is called; middy and others wrap it',
      where: 'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html',
      since: '8.10.0',
    },
  ],
  conventions: {
    packages: ['@types/aws-lambda', 'aws-lambda', '@middy/core', '@aws-lambda-powertools/logger'],
    calls: [
      { exports: ['handler'], entry },
      { exports: ['*'], given: 'Event', entry },
    ],
  },
  exports: {
    ...Object.fromEntries(handlers.map((name) => [name, 'class Handler'])),
    ...Object.fromEntries(events.map((name) => [name, 'class Event'])),
    Context: 'class Context',
  },
  entities: {
    Handler: { handler: entry },
    Event: {},
    Context: { request: { module: '@ctx-fix/runtime/lambda', named: 'context: object' } },
  },
} as const satisfies Library
