using Flotilla.Provisioner.Plans;
using Quartz;

namespace Flotilla.Provisioner.Host.Jobs;

/// <summary>
/// One operation as a durable job. What a step cannot bring about is recorded with the step; what escapes to here (the database
/// is away) is tried again by the scheduler. A job cut off by a crash is fired again, and the operation goes on where it was.
/// </summary>
[DisallowConcurrentExecution]
internal sealed class OperationJob(OperationRunner operations) : IJob
{
    public const string Group = "operations";

    public static RetryPolicy Retry { get; } = RetryPolicy.Exponential(20, TimeSpan.FromSeconds(2), 2, TimeSpan.FromMinutes(1));

    public static JobKey KeyOf(Guid operationId) => new(operationId.ToString(), Group);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await operations.RunAsync(Guid.Parse(context.JobDetail.Key.Name), cancellationToken);
}
