import type { Library } from './types.js'

const handlers = [
  'Handler',
  'APIGatewayProxyHandler',
  'APIGatewayProxyHandlerV2',
  'ALBHandler',
  'LambdaFunctionURLHandler',
  'SQSHandler',
  'SNSHandler',
  'S3Handler',
  'ScheduledHandler',
  'EventBridgeHandler',
  'DynamoDBStreamHandler',
  'KinesisStreamHandler',
]

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
  ],
  exports: {
    ...Object.fromEntries(handlers.map((name) => [name, 'class Handler'])),
    Context: 'class Context',
  },
  entities: {
    Handler: { handler: { from: 0, request: 1, params: ['any', 'Context'] } },
    Context: { request: { module: '@ctx-fix/runtime/lambda', named: 'context' } },
  },
} as const satisfies Library
