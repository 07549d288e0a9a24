using Flotilla.Portal.Contracts;
using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Pages.Clusters;

/// <summary>An operation's steps as they go by.</summary>
public sealed partial class OperationTimeline(TimeProvider clock)
{
    [Parameter, EditorRequired]
    public required OperationView Operation { get; set; }

    private string Summary => Operation switch
    {
        { StartedAt: null } => L["Waiting for a free provisioner"],
        { FinishedAt: { } end, StartedAt: { } start } => L["took {0}", Seconds(end - start)],
        { EstimatedFinish: { } finish } when finish > clock.GetUtcNow() => L["about {0} left", $"{Math.Ceiling((finish - clock.GetUtcNow()).TotalSeconds):0}s"],
        _ => L["for {0}", Seconds(clock.GetUtcNow() - Operation.StartedAt!.Value)],
    };

    private string Took(StepView step) => step switch
    {
        { StartedAt: { } start, FinishedAt: { } end } => Seconds(end - start),
        { StartedAt: { } start } => Seconds(clock.GetUtcNow() - start),
        _ => "",
    };

    // What was cancelled needs no fixing.
    private string Fixer(ErrorView error) => error.FixedBy switch
    {
        _ when Operation.State == OperationStates.Cancelled => "",
        "user" => L["You can fix this."],
        "operator" => L["An operator of the platform has to look at this."],
        _ => L["It is tried again by itself."],
    };

    private static string Seconds(TimeSpan time) => time.TotalMinutes >= 1
        ? $"{(int)time.TotalMinutes}m {time.Seconds}s"
        : $"{Math.Max(0, time.TotalSeconds):0.0}s";
}
