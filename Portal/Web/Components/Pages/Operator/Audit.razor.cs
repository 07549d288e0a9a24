using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Views;
using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Pages.Operator;

public sealed partial class Audit
{
    private IReadOnlyList<AuditView> entries = [];

    [Inject]
    private AuditViews AuditViews { get; set; } = default!;

    protected override async Task LoadAsync(CancellationToken cancellationToken) => entries = await AuditViews.ListAsync(Actor, cancellationToken);
}
