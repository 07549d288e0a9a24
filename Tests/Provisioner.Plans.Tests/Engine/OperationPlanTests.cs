using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Plans.Engine;

namespace Flotilla.Provisioner.Plans.Tests.Engine;

public sealed class OperationPlanTests
{
    [Fact]
    public void A_step_that_needs_an_unknown_step_is_a_bug() =>
        Assert.Throws<ArgumentException>(() => new OperationPlan([Step("a", "b")]));

    [Fact]
    public void A_step_cannot_need_one_after_it_so_there_is_no_cycle() =>
        Assert.Throws<ArgumentException>(() => new OperationPlan([Step("a", "b"), Step("b", "a")]));

    [Fact]
    public void Two_steps_of_one_name_are_a_bug() =>
        Assert.Throws<ArgumentException>(() => new OperationPlan([Step("a"), Step("a")]));

    [Theory]
    [InlineData("", "a")]
    [InlineData("a", "b c")]
    [InlineData("a b", "c")]
    [InlineData("a b c", "d")]
    [InlineData("a b c d", "")]
    public void Steps_are_ready_when_what_they_need_is_done(string done, string ready)
    {
        var plan = new OperationPlan([Step("a"), Step("b", "a"), Step("c", "a"), Step("d", "b", "c")]);

        Assert.Equal(ready, string.Join(' ', plan.Ready(States(plan, done)).Select(step => step.Name)));
    }

    [Fact]
    public void What_was_begun_is_taken_back_last_first()
    {
        Task Undo(CancellationToken cancellationToken) => Task.CompletedTask;
        var plan = new OperationPlan(
            [Step("a") with { UndoAsync = Undo }, Step("b"), Step("c", "a") with { UndoAsync = Undo }, Step("d", "c") with { UndoAsync = Undo }]);
        var states = States(plan, "a b");
        states["c"] = StepState.Failed;

        Assert.Equal(["c", "a"], plan.ToUndo(states).Select(step => step.Name));
    }

    private static PlanStep Step(string name, params string[] needs) => new(name, name, _ => Task.CompletedTask) { Needs = needs };

    private static Dictionary<string, StepState> States(OperationPlan plan, string done) => plan.Steps.ToDictionary(
        step => step.Name, step => done.Split(' ').Contains(step.Name) ? StepState.Succeeded : StepState.Pending);
}
