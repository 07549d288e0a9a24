using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Machines;
using Flotilla.Provisioner.Plans.Engine;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Provisioner.Plans.Tests.Engine;

public sealed class PlanRunnerTests
{
    private readonly MemoryJournal journal = new();
    private readonly List<string> done = [];

    [Fact]
    public async Task Every_step_runs_after_what_it_needs()
    {
        var error = await RunAsync(new([Step("a"), Step("b", ["a"]), Step("c", ["a"]), Step("d", ["b", "c"])]));

        Assert.Null(error);
        Assert.Equal("a", done[0]);
        Assert.Equal("d", done[^1]);
        Assert.All(journal.States.Values, state => Assert.Equal(StepState.Succeeded, state));
    }

    [Fact]
    public async Task Steps_that_do_not_need_each_other_run_at_the_same_time()
    {
        var meeting = new Barrier(2);
        PlanStep Meet(string name) => new(name, name, token => Task.Run(() => Assert.True(meeting.SignalAndWait(TimeSpan.FromSeconds(10), token)), token));

        Assert.Null(await RunAsync(new([Meet("a"), Meet("b")])));
    }

    [Fact]
    public async Task A_step_is_tried_again_and_the_attempts_are_written_down()
    {
        var attempts = 0;
        var error = await RunAsync(new([Step("a", run: () => ++attempts < 3 ? throw new MachineException("not yet") : Task.CompletedTask)]));

        Assert.Null(error);
        Assert.Equal(["started a", "retrying a machine.refused", "started a", "retrying a machine.refused", "started a", "succeeded a"], journal.Entries);
    }

    [Fact]
    public async Task What_cannot_help_is_not_tried_again()
    {
        var error = await RunAsync(new([Step("a", run: () => throw new StepException("no", "Never.", ErrorFixer.User, canRetry: false))]));

        Assert.Equal(new("no", "Never.", ErrorFixer.User), error);
        Assert.Equal(["started a", "failed a no"], journal.Entries);
    }

    [Fact]
    public async Task After_a_failure_nothing_more_starts_and_what_was_made_is_taken_back()
    {
        List<string> undone = [];
        PlanStep Undoable(string name, string[] needs, Func<Task>? run = null) => Step(name, needs, run) with
        {
            UndoAsync = _ =>
            {
                undone.Add(name);
                return Task.CompletedTask;
            },
        };

        var error = await RunAsync(new(
            [Undoable("a", []), Undoable("b", ["a"], () => throw new MachineException("broken")), Undoable("c", ["b"])])
        { UndoOnFailure = true });

        Assert.Equal(("machine.refused", ErrorFixer.Operator), (error!.Code, error.Fixer));
        Assert.Equal(["b", "a"], undone);
        Assert.Equal(StepState.Pending, journal.States["c"]);
    }

    [Fact]
    public async Task A_restart_goes_on_where_it_was()
    {
        journal.States["a"] = StepState.Succeeded;
        journal.States["b"] = StepState.Running;

        Assert.Null(await RunAsync(new([Step("a"), Step("b", ["a"]), Step("c", ["b"])])));

        Assert.Equal(["b", "c"], done);
    }

    [Fact]
    public async Task A_step_that_takes_too_long_is_an_error_that_says_so()
    {
        var slow = new PlanStep("a", "Wait for it", token => Task.Delay(Timeout.Infinite, token))
        {
            Timeout = TimeSpan.FromMilliseconds(20),
            MaxAttempts = 1,
        };

        var error = await RunAsync(new([slow]));

        Assert.Equal("step.timeout", error!.Code);
        Assert.Contains("Wait for it", error.Message);
    }

    [Fact]
    public async Task Being_cut_off_is_no_failure()
    {
        using var stop = new CancellationTokenSource();
        var step = Step("a", run: async () =>
        {
            await stop.CancelAsync();
            stop.Token.ThrowIfCancellationRequested();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(new([step]), stop.Token));

        Assert.Equal(StepState.Running, journal.States["a"]);
    }

    private PlanStep Step(string name, string[]? needs = null, Func<Task>? run = null) => new(name, name, async _ =>
    {
        await (run?.Invoke() ?? Task.CompletedTask);
        lock (done) { done.Add(name); }
    })
    {
        Needs = needs ?? [],
        RetryDelay = TimeSpan.FromMilliseconds(1),
    };

    private Task<StepError?> RunAsync(OperationPlan plan, CancellationToken cancellationToken = default) =>
        new PlanRunner(new(TimeProvider.System, NullLogger<StepRunner>.Instance), NullLogger<PlanRunner>.Instance).RunAsync(plan, journal, cancellationToken);
}
