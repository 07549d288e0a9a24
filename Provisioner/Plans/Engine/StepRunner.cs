using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Flotilla.Provisioner.Plans.Engine;

/// <summary>Runs one step: attempts with a timeout each, exponential backoff between them, all of it written down.</summary>
public sealed partial class StepRunner(TimeProvider clock, ILogger<StepRunner> log)
{
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(30);

    /// <returns>Null when the step is done, else why it was given up.</returns>
    public async Task<StepError?> RunAsync(PlanStep step, IPlanJournal journal, CancellationToken cancellationToken)
    {
        try
        {
            await RetryPipeline(step, journal).ExecuteAsync(async token => await AttemptAsync(step, journal, token), cancellationToken);
            await journal.SucceededAsync(step, cancellationToken);
            return null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(step.Name, exception);
            var error = StepError.From(exception);
            await journal.FailedAsync(step, error, cancellationToken);
            return error;
        }
    }

    private async Task AttemptAsync(PlanStep step, IPlanJournal journal, CancellationToken cancellationToken)
    {
        await journal.StartedAsync(step, cancellationToken);
        using var deadline = new CancellationTokenSource(step.Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await step.RunAsync(both.Token);
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{step.Title}: not done after {step.Timeout.TotalSeconds:0} s.", exception);
        }
    }

    private ResiliencePipeline RetryPipeline(PlanStep step, IPlanJournal journal)
    {
        // Polly wants at least one retry.
        if (step.MaxAttempts <= 1) { return ResiliencePipeline.Empty; }
        var retry = new RetryStrategyOptions
        {
            MaxRetryAttempts = step.MaxAttempts - 1,
            BackoffType = DelayBackoffType.Exponential,
            Delay = step.RetryDelay,
            MaxDelay = MaxRetryDelay,
            UseJitter = true,
            ShouldHandle = arguments => ValueTask.FromResult(CanRetry(arguments)),
            OnRetry = async arguments =>
            {
                var exception = arguments.Outcome.Exception!;
                LogRetrying(step.Name, arguments.AttemptNumber + 1, exception.Message);
                await journal.RetryingAsync(step, StepError.From(exception), arguments.Context.CancellationToken);
            },
        };
        return new ResiliencePipelineBuilder { TimeProvider = clock }.AddRetry(retry).Build();
    }

    private static bool CanRetry(RetryPredicateArguments<object> arguments) =>
        arguments.Outcome.Exception is { } exception
        && exception is not StepException { CanRetry: false }
        && !arguments.Context.CancellationToken.IsCancellationRequested;

    [LoggerMessage(LogLevel.Warning, "Step {Step}: attempt {Attempt} failed and is tried again: {Reason}")]
    private partial void LogRetrying(string step, int attempt, string reason);

    [LoggerMessage(LogLevel.Error, "Step {Step} failed")]
    private partial void LogFailed(string step, Exception exception);
}
