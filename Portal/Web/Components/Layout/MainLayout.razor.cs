using Microsoft.AspNetCore.Components.Web;

namespace Flotilla.Portal.Web.Components.Layout;

public sealed partial class MainLayout
{
    private ErrorBoundary? boundary;

    // Going to another page leaves the error behind.
    protected override void OnParametersSet() => boundary?.Recover();

    private void Recover() => boundary?.Recover();
}
