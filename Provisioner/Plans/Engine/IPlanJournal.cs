using Flotilla.Provisioner.Fleet.Operations;

namespace Flotilla.Provisioner.Plans.Engine;

/// <summary>Where a plan's progress is written down before it goes on, so that a restart knows where it was.</summary>
public interface IPlanJournal
{
    /// <summary>Writes down the steps that are new and tells what is known of each; a step that was cut off is pending again.</summary>
    Task<Dictionary<string, StepState>> BeginAsync(OperationPlan plan, CancellationToken cancellationToken);

    Task StartedAsync(PlanStep step, CancellationToken cancellationToken);

    /// <summary>An attempt failed and another one follows.</summary>
    Task RetryingAsync(PlanStep step, StepError error, CancellationToken cancellationToken);

    Task SucceededAsync(PlanStep step, CancellationToken cancellationToken);

    Task FailedAsync(PlanStep step, StepError error, CancellationToken cancellationToken);

    Task UndoneAsync(PlanStep step, CancellationToken cancellationToken);
}
