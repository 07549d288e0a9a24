using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Layout;

public sealed partial class LanguagePicker(NavigationManager navigation)
{
    private string Here => "/" + navigation.ToBaseRelativePath(navigation.Uri);
}
