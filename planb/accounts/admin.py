"""The moderators' view of people and their logins. A closed account or a new password ends all sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.services.people import announce_user
from planb.accounts import services
from planb.accounts.models import Session, User
from planb.accounts.names import clean_display_name
from planb.accounts.staff_login import StaffLoginForm

admin.site.login_form = StaffLoginForm

# Django's own classes take no type argument at run time; only their stubs do.
if TYPE_CHECKING:
    BaseCreationForm = AdminUserCreationForm[User]
    BaseChangeForm = UserChangeForm[User]
    BasePasswordForm = AdminPasswordChangeForm[User]
    BaseUserAdmin = DjangoUserAdmin[User]
    BaseSessionAdmin = admin.ModelAdmin[Session]
else:
    BaseCreationForm = AdminUserCreationForm
    BaseChangeForm = UserChangeForm
    BasePasswordForm = AdminPasswordChangeForm
    BaseUserAdmin = DjangoUserAdmin
    BaseSessionAdmin = admin.ModelAdmin


class DisplayNameMixin(forms.Form):
    def clean_display_name(self) -> str:
        return clean_display_name(self.cleaned_data["display_name"])


class CreationForm(DisplayNameMixin, BaseCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "display_name")


class ChangeForm(DisplayNameMixin, BaseChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User
        fields = "__all__"


class PasswordForm(BasePasswordForm):
    def save(self, commit: bool = True) -> Any:
        with transaction.atomic():
            user = super().save(commit)
            services.end_sessions_of(user=self.user)
        return user


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    form = ChangeForm
    add_form = CreationForm
    change_password_form = PasswordForm
    list_display = ("username", "display_name", "is_active", "is_staff", "date_joined", "last_login")
    search_fields = ("username", "display_name", "email")
    ordering = ("username",)
    readonly_fields = ("date_joined", "last_login")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("display_name", "email")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Times", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "display_name", "usable_password", "password1", "password2"),
            },
        ),
    )

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # Closing an account keeps what others were told; nothing is erased in passing.
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and not obj.is_active:
            services.end_sessions_of(user=obj)
        if change and {"display_name", "is_active"} & set(form.changed_data):
            announce_user(obj)


@admin.register(Session)
class SessionAdmin(BaseSessionAdmin):
    """To look at, and to end."""

    list_display = ("user", "client", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("created_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("=id", "user__username", "user__display_name")
    date_hierarchy = "created_at"
    actions = ("end_sessions",)

    @admin.action(description="End the selected sessions", permissions=["end"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        ended = 0
        for session in queryset.filter(revoked_at=None).select_related("user"):
            services.end_session(user=session.user, session=session.pk)
            ended += 1
        self.message_user(request, f"{ended} sessions were ended.")

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.end_session")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        return False
