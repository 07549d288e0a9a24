using Bunit;
using Flotilla.Portal.Web.Components.Pages.Clusters;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Portal.Web.Tests.Components;

public sealed class ClusterPageTests(FleetFixture fleet) : PageTest(fleet)
{
    [Fact]
    public async Task Steps_go_by_live()
    {
        var started = await CreateAsync();
        var page = Open(started.ClusterId);
        page.WaitForElement("[data-testid=timeline]", Limit);

        await Fleet.ChangeAsync(context => context.OperationSteps.Add(Step(started.OperationId, StepState.Running)));
        page.WaitForElement("[data-testid=step-control-plane][data-state=running]", Limit);

        await ChangeStepAsync(started.OperationId, step => step.State = StepState.Succeeded);
        page.WaitForElement("[data-testid=step-control-plane][data-state=succeeded]", Limit);
    }

    [Theory]
    [InlineData(ErrorFixer.User, "You can fix this.")]
    [InlineData(ErrorFixer.Operator, "An operator of the platform has to look at this.")]
    [InlineData(ErrorFixer.Retrying, "It is tried again by itself.")]
    public async Task An_error_says_who_can_fix_it(ErrorFixer fixer, string told)
    {
        var started = await CreateAsync();
        var step = Step(started.OperationId, StepState.Failed);
        (step.ErrorCode, step.ErrorMessage, step.ErrorFixer) = ("disk.full", "The disk is full", fixer);
        await Fleet.ChangeAsync(context => context.OperationSteps.Add(step));

        var page = Open(started.ClusterId);

        var text = page.WaitForElement("[data-testid=step-control-plane]", Limit).TextContent;
        Assert.Contains("The disk is full", text);
        Assert.Contains(told, text);
    }

    [Fact]
    public async Task Deleting_needs_the_name()
    {
        var started = await CreateAsync();
        await FinishAsync(started.OperationId);
        var page = Open(started.ClusterId, "settings");
        page.WaitForElement("[data-testid=delete-cluster]", Limit).Click();

        page.WaitForElement("[data-testid=confirm-name]", Limit).Input("sho");
        page.WaitForElement("[data-testid=confirm]:disabled", Limit);
        page.Find("[data-testid=confirm-name]").Input("shop");
        page.WaitForElement("[data-testid=confirm]:enabled", Limit);
        await page.Find("[data-testid=confirm-dialog] form").SubmitAsync();

        var state = await Fleet.ReadAsync(context => context.Clusters.Where(c => c.Id == started.ClusterId).Select(c => c.State).SingleAsync());
        Assert.Equal(ClusterState.Deleting, state);
    }

    [Fact]
    public async Task Another_users_cluster_is_not_found()
    {
        var other = await Fleet.AddUserAsync();
        var project = await Fleet.AddProjectAsync(other);
        var started = await Services.GetRequiredService<ClusterCommands>()
            .CreateAsync(new(project.Id, "secret", ClusterPurpose.Personal, 0), other, default);

        var page = Open(started.Value!.ClusterId);

        page.WaitForElement("[data-testid=empty]", Limit);
        Assert.DoesNotContain("secret", page.Markup);
    }

    private IRenderedComponent<ClusterPage> Open(string clusterId, string? tab = null) =>
        Render<ClusterPage>(parameters => parameters.Add(page => page.Id, clusterId).Add(page => page.Tab, tab));

    private async Task<StartedOperation> CreateAsync()
    {
        var project = await Fleet.AddProjectAsync(Actor);
        var outcome = await Services.GetRequiredService<ClusterCommands>()
            .CreateAsync(new(project.Id, "shop", ClusterPurpose.Personal, 1), Actor, default);
        return outcome.Value!;
    }

    private Task FinishAsync(Guid operationId) => Fleet.ChangeAsync(context =>
    {
        var operation = context.Operations.Single(o => o.Id == operationId);
        operation.State = OperationState.Succeeded;
        context.Clusters.Single(c => c.Id == operation.ClusterId).State = ClusterState.Ready;
    });

    private Task ChangeStepAsync(Guid operationId, Action<OperationStep> change) => Fleet.ChangeAsync(context =>
        change(context.OperationSteps.Single(step => step.OperationId == operationId)));

    private static OperationStep Step(Guid operationId, StepState state) => new()
    {
        OperationId = operationId,
        Name = "control-plane",
        Title = "Start the control plane",
        Needs = [],
        Position = 0,
        State = state,
    };
}
